"""What a format declares: its fields by the titles they have had, and what kind of value each is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise

from shopops.exchange.reading import header_name

Values = dict[str, Any]
Columns = dict[str, Sequence[Any]]

EXPANDED: Final[dict[str, tuple[str, str, str, str]]] = {
    "phone": ("phone_cipher", "phone_digest", "phone_tail", "phone_mask"),
    "email": ("email_cipher", "email_digest", "", "email_mask"),
}

# What kind of value each of our columns holds, with the longest text it takes.
KINDS: Final[dict[str, tuple[str, int]]] = {
    **dict.fromkeys(("order_number", "line_key", "refund_order", "waybill", "platform_item", "platform_sku"), ("id", 64)),
    "refund_number": ("id", 80),
    **dict.fromkeys(("code", "item_code"), ("id", 100)),
    "buyer_id": ("id", 120),
    **dict.fromkeys(
        ("created_at", "paid_at", "shipped_at", "finished_at", "closed_at", "due_at", "modified_at", "requested_at",
         "done_at", "refund_due_at"),
        ("moment", 0),
    ),
    **dict.fromkeys(
        ("payable", "paid", "received", "postage", "discount_store", "discount_platform", "stated_refund", "amount",
         "line_paid", "line_refund", "refund_amount", "net_paid"),
        ("amount", 0),
    ),
    "unit_price": ("money", 0),
    "quantity": ("whole", 0),
    **dict.fromkeys(("pieces", "refund_quantity"), ("count", 0)),
    **dict.fromkeys(("state", "platform_state", "line_state", "line_refund_state", "refund_state",
                     "refund_platform_state", "talent", "order_kind", "line_kind", "refund_kind"), ("text", 80)),
    "province": ("province", 64),
    **dict.fromkeys(("city", "district", "courier"), ("text", 64)),
    **dict.fromkeys(("shop_name", "receiver_name"), ("text", 120)),
    **dict.fromkeys(("title",), ("text", 300)),
    **dict.fromkeys(("attributes", "reason"), ("text", 200)),
    "titles": ("text", 500),
    "flag": ("text", 16),
    "currency": ("text", 3),
    **dict.fromkeys(("message", "memo"), ("text", 4000)),
    "phone": ("phone", 0),
    "email": ("email", 0),
    "address": ("text", 500),
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One of our columns in a format: the titles it has had, and whether it must be there and filled.

    ``name`` may begin with "_" for a value the format works with itself; then ``kind`` is given.
    """

    name: str
    titles: tuple[str, ...]
    required: bool = False  # the file must have the column
    filled: bool = False  # every row must have a value
    kind: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(header_name(title) for title in self.titles)


def field(name: str, *titles: str, required: bool = False, filled: bool = False, kind: str = "") -> Field:
    """Declare a field; see Field."""
    return Field(name, titles, required, filled, kind)


class Declared:
    """What a kind of order file declares; ``finish`` turns a converted row into ours."""

    code: str = ""
    title: str | Promise = ""
    platform: str = ""
    grain: str = "line"  # order, line, refund: what a row is
    sums: tuple[str, ...] = ()  # order columns given per line, to be added up
    fields: tuple[Field, ...] = ()
    constants: Values = {}  # what a row has where the file says nothing
    makes: frozenset[str] = frozenset()  # columns ``finish`` fills besides the fields
    unused: str = ""  # titles this kind of file has that we do not read, divided by commas
    total_of: tuple[str, ...] = ("payable", "paid", "net_paid", "received", "amount")

    def finish(self, values: Values) -> None:
        """Complete a row's values in place. Raises BadCell to refuse the row."""

    def finish_columns(self, columns: Columns) -> list[int] | None:
        """Complete many converted rows at once, by column in place, as ``finish`` does each.

        Return the places of those only ``finish`` can complete (or refuse); None: all of them.
        """
        del columns
        return None

    def changed(self, name: str, value: Any) -> Any:
        """Change one converted value; asked once for each different cell."""
        del name
        return value

    @property
    def known_titles(self) -> frozenset[str]:
        """Return the normal form of every title this kind of file may have."""
        own = {key for item in self.fields for key in item.keys}
        return frozenset(own | {header_name(name) for name in self.unused.split(",") if name.strip()})

    def missing(self, header: list[Any]) -> list[str]:
        """Return the titles of required columns that ``header`` does not have."""
        there = {header_name(name) for name in header}
        return [item.titles[0] for item in self.fields if item.required and not there.intersection(item.keys)]


def expand(values: Values, name: str, targets: tuple[str, str, str, str]) -> None:
    """Spread a protected value over the columns it fills; the second column of its kind steps in for the first."""
    protected = values.get(name) or values.get(f"_{name}")
    if protected is not None:
        for target, part in zip(targets, protected, strict=True):
            if target:
                values[target] = part or None
