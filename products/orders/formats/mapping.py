"""Files of no known kind: a mapping of their columns to ours, with constants and a closed list of rules.

    {"title": "…",
     "fields": {"order_number": "InvoiceNo", "created_at": ["InvoiceDate", "Date"], …},
     "constants": {"state": "finished"},
     "rules": {"row": "line", "credit_prefix": "C", "non_goods": ["POST", "DCGS*"], "upper": ["code"]}}

A field takes one title or several (the first the file has wins); one column may serve two fields.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from products.orders.formats.declare import KINDS, Columns, Field, Values
from products.orders.formats.reader import TableFormat, refuse
from products.orders.states import State
from shopops.exchange.reading import FileRefused
from shopops.words import sentence as _

ROWS: Final = ("order", "line", "refund")
OUR_STATES: Final = frozenset(State.values)
RULES: Final = frozenset(
    (
        "row",  # what a row is: order, line, refund
        "credit_prefix",  # documents whose number begins so are credit notes: refunds with positive amounts
        "adjustment_prefix",  # … are adjustments of finance, outside all figures
        "non_goods",  # codes of postage, fees, discounts; * stands for any text
        "upper",  # fields written in upper case
        "strip_suffix",  # {field: text} cut off its end
        "strip_prefix",  # {field: text} cut off its beginning
        "paid_after_refunds",  # net_paid is what is left after refunds: paid = net_paid + stated_refund
        "state_by_payment",  # no time of payment: closed unpaid; refunded in full: closed refunded
        "states",  # {word of the file: our state}
    )
)
FIELDS: Final = frozenset(KINDS) - {"order_kind", "line_kind"}
LINE_FIELDS: Final = frozenset({"code", "item_code", "quantity", "unit_price", "title", "line_key", "amount"})
CONSTANTS: Final = frozenset({"state", "currency", "shop_name", "province", "refund_state", "refund_kind"})
TITLES: Final = {
    "online_retail": gettext_lazy("Online Retail (invoice lines)"),
    "tmall_report": gettext_lazy("Tmall order report"),
}
SHIPPED: Final = Path(__file__).parent / "shipped"


class MappedFormat(TableFormat):
    """A format described by data. Raises FileRefused when the description is no good."""

    def __init__(self, mapping: dict[str, Any], *, code: str = "mapping", title: str | Promise = "") -> None:
        _validate(mapping)
        rules = mapping.get("rules", {})
        named = mapping["fields"]
        self.code = code
        self.title = title or str(mapping.get("title") or _("Own mapping"))
        self.constants: Values = dict(mapping.get("constants", {}))
        self.grain = rules.get("row") or _grain_of(named)
        self.rules = rules
        needed = {
            "line": {"order_number", "created_at"},
            "order": {"order_number", "created_at"},
            "refund": {"refund_number"},
        }
        self.fields = tuple(
            Field(name, _titles(titles), required=True, filled=name in needed[self.grain] | {"quantity", "unit_price"})
            for name, titles in named.items()
        )
        self.credit: str = rules.get("credit_prefix", "")
        self.adjustment: str = rules.get("adjustment_prefix", "")
        self._is_charge = _charges(tuple(rules.get("non_goods", ())))
        self._texts = _text_rules(rules)
        self._words = {str(word).strip(): state for word, state in rules.get("states", {}).items()}
        self.makes = frozenset({"rec", *self.constants}) | self._made()
        self._given = {name: value for name, value in self.constants.items() if name in named}
        self._gives_state = "state" in named
        self.tells_payment = "paid_at" in named
        self.finish = getattr(self, f"_finish_{self.grain}")  # type: ignore[method-assign]  # the grain of one mapping decides

    def _made(self) -> set[str]:
        made: set[str] = {"platform_state"} if "state" in {item.name for item in self.fields} else set()
        if self.grain == "line":
            return made | {"order_kind", "line_kind", "amount"} | (_CREDIT_COLUMNS if self.credit else set())
        return made | (
            {"state", "paid", "received"} if self.grain == "order" else {"refund_state", "refund_platform_state"}
        )

    def changed(self, name: str, value: Any) -> Any:
        """Apply the rules of texts; asked once for each different cell."""
        for field_name, change in self._texts:
            if field_name == name and value:
                value = change(value) or None
        return value

    def _prepare(self, values: Values) -> None:
        for name, value in self._given.items():
            if values.get(name) is None:
                values[name] = value

    def _finish_order(self, values: Values) -> None:
        self._prepare(values)
        values["rec"] = "order"
        self._set_state(values)
        if self.rules.get("paid_after_refunds"):
            net = values.get("net_paid")
            values["received"] = net if values.get("received") is None else values["received"]
            values["paid"] = None if net is None else net + (values.get("stated_refund") or 0)
        if values.get("paid_at") is None and self.tells_payment:
            values["paid"] = Decimal(0)
        if self.rules.get("state_by_payment"):
            values["state"] = _state_by_payment(values)

    def _set_state(self, values: Values) -> None:
        word = values.get("state") if self._gives_state else None
        if word is not None and word not in OUR_STATES:
            values["platform_state"] = word
            values["state"] = self._words.get(word, State.UNKNOWN.value)

    def _finish_line(self, values: Values) -> None:
        self._prepare(values)
        number, quantity, price = values["order_number"], values["quantity"], values["unit_price"]
        if values["amount"] is None and quantity is not None and price is not None:
            values["amount"] = price * quantity
        if self.credit and number.startswith(self.credit):
            self._credit(values)
            return
        values["rec"] = "line"
        self._set_state(values)
        if self.adjustment and number.startswith(self.adjustment):
            values["order_kind"] = values["line_kind"] = "finance_adjustment"
            return
        if quantity is not None and quantity < 0:
            values["order_kind"] = values["line_kind"] = "stock_adjustment"
        elif price is not None and price < 0:
            raise refuse("unit_price", "negative", _("An amount below zero is not expected here."))
        elif price is not None and not price:
            values["line_kind"] = "free"
        elif self._is_charge(values.get("code")):
            values["line_kind"] = "charge"

    def finish_columns(self, columns: Columns) -> list[int] | None:
        """Goods sold at a price are most rows of invoices and finished together; all others one by one."""
        needed = [columns.get(name) for name in ("order_number", "quantity", "unit_price")]
        if self.grain != "line" or not all(needed) or "amount" in columns or self._gives_state or self._given:
            return None
        codes = columns.get("code") or [None] * len(columns["order_number"])
        documents = tuple(filter(None, (self.credit, self.adjustment)))
        left: list[int] = []
        amounts: list[Decimal | None] = []
        for number, quantity, price, code in zip(*needed, codes, strict=True):
            if (
                quantity is None
                or price is None
                or quantity < 0
                or not price > 0
                or number.startswith(documents)
                or self._is_charge(code)
            ):
                left.append(len(amounts))
                amounts.append(None)
            else:
                amounts.append(price * quantity)
        columns |= {"rec": ["line"] * len(amounts), "amount": amounts}
        return left

    def _credit(self, values: Values) -> None:
        """A credit note becomes a refund with positive amounts; the order it credits is not named."""
        values.update(
            rec="refund",
            refund_number=values["order_number"],
            refund_amount=-values["amount"] if values.get("amount") is not None else None,
            refund_state="success",
            requested_at=values["created_at"],
            done_at=values["created_at"],
            refund_kind="return",
            line_kind="charge" if self._is_charge(values.get("code")) else "goods",
            order_number=None,
            state=None,
        )
        if values.get("quantity") is not None:
            values["quantity"] = -values["quantity"]

    def _finish_refund(self, values: Values) -> None:
        self._prepare(values)
        values["rec"] = "refund"
        word = values.get("refund_state")
        if word is not None:
            values["refund_platform_state"] = word
            values["refund_state"] = self._words.get(word, word if word in _REFUND_STATES else "unknown")


_CREDIT_COLUMNS: Final = {
    "refund_number", "refund_amount", "refund_state", "requested_at", "done_at", "refund_kind",
}  # fmt: skip
_REFUND_STATES: Final = frozenset({"open", "agreed", "returned", "refused", "closed", "success", "unknown"})


def _state_by_payment(values: Values) -> str:
    if values.get("paid_at") is None:
        return State.CLOSED_UNPAID.value
    refunded = values.get("stated_refund") or 0
    if refunded and refunded == values.get("paid"):
        return State.CLOSED_REFUNDED.value
    return values.get("state") or State.UNKNOWN.value


def _titles(titles: str | list[str]) -> tuple[str, ...]:
    return (titles,) if isinstance(titles, str) else tuple(titles)


def _grain_of(named: dict[str, Any]) -> str:
    if "refund_number" in named:
        return "refund"
    return "line" if LINE_FIELDS & named.keys() else "order"


def _charges(patterns: tuple[str, ...]) -> Callable[[str | None], bool]:
    wanted = tuple(pattern.upper() for pattern in patterns)

    @lru_cache(maxsize=65_536)
    def is_charge(code: str | None) -> bool:
        return code is not None and any(fnmatchcase(code.upper(), pattern) for pattern in wanted)

    return is_charge


def _text_rules(rules: dict[str, Any]) -> list[tuple[str, Callable[[str], str]]]:
    changes: list[tuple[str, Callable[[str], str]]] = []
    for name, suffix in rules.get("strip_suffix", {}).items():
        changes.append((name, lambda text, suffix=suffix: text.removesuffix(suffix)))
    for name, prefix in rules.get("strip_prefix", {}).items():
        changes.append((name, lambda text, prefix=prefix: text.removeprefix(prefix)))
    changes.extend((name, str.upper) for name in rules.get("upper", ()))
    return changes


# ------------------------------------------------------------------ is the description any good?


def _bad(message: str, **names: object) -> FileRefused:
    return FileRefused("mapping", message % names)


def _validate(mapping: Any) -> None:
    """Raises FileRefused naming the first thing wrong."""
    if not isinstance(mapping, dict) or not isinstance(mapping.get("fields"), dict) or not mapping["fields"]:
        raise _bad(_("A mapping needs “fields”: our field names with the file's column titles."))
    _unknown_keys(
        mapping, {"title", "fields", "constants", "rules", "name"}, _("Unknown part of the mapping: %(names)s")
    )
    _validate_fields(mapping["fields"])
    _validate_constants(mapping.get("constants", {}))
    _validate_rules(mapping.get("rules", {}), mapping["fields"])


def _unknown_keys(given: dict[str, Any], allowed: Any, message: str) -> None:
    unknown = sorted(str(name) for name in given if name not in allowed)
    if unknown:
        raise _bad(message, names="、".join(unknown))


def _validate_fields(fields: dict[str, Any]) -> None:
    _unknown_keys(fields, FIELDS, _("Unknown fields: %(names)s"))
    for name, titles in fields.items():
        names = [titles] if isinstance(titles, str) else titles
        if (
            not isinstance(names, list)
            or not names
            or not all(isinstance(item, str) and item.strip() for item in names)
        ):
            raise _bad(_("The field “%(name)s” needs a column title or a list of them."), name=name)


def _validate_constants(constants: Any) -> None:
    if not isinstance(constants, dict):
        raise _bad(_("“%(name)s” must be an object."), name="constants")
    _unknown_keys(constants, CONSTANTS, _("Unknown constants: %(names)s"))
    for name, value in constants.items():
        if not isinstance(value, str):
            raise _bad(_("The constant “%(name)s” must be text."), name=name)
    if constants.get("state", "paid") not in OUR_STATES:
        raise _bad(_("“%(state)s” is no state of an order."), state=constants["state"])


def _validate_rules(rules: Any, fields: dict[str, Any]) -> None:
    if not isinstance(rules, dict):
        raise _bad(_("“%(name)s” must be an object."), name="rules")
    _unknown_keys(rules, RULES, _("Unknown rules: %(names)s"))
    for name, value in rules.items():
        if not _RULE_SHAPES[name](value):
            raise _bad(_("The rule “%(name)s” has a value it cannot take."), name=name)
    grain = rules.get("row") or _grain_of(fields)
    needed = {"refund": ("refund_number", "refund_amount")}.get(grain, ("order_number", "created_at"))
    missing = [name for name in needed if name not in fields]
    if missing:
        raise _bad(_("The mapping lacks the fields %(names)s."), names="、".join(missing))
    if rules.get("paid_after_refunds") and not {"net_paid", "stated_refund"} <= fields.keys():
        raise _bad(_("The mapping lacks the fields %(names)s."), names="net_paid、stated_refund")


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _text_by_field(value: Any) -> bool:
    return isinstance(value, dict) and all(
        name in FIELDS and isinstance(text, str) and text for name, text in value.items()
    )


_RULE_SHAPES: Final[dict[str, Callable[[Any], bool]]] = {
    "row": lambda value: value in ROWS,
    "credit_prefix": lambda value: isinstance(value, str) and bool(value),
    "adjustment_prefix": lambda value: isinstance(value, str) and bool(value),
    "non_goods": _texts,
    "upper": lambda value: _texts(value) and all(name in FIELDS for name in value),
    "strip_suffix": _text_by_field,
    "strip_prefix": _text_by_field,
    "paid_after_refunds": lambda value: isinstance(value, bool),
    "state_by_payment": lambda value: isinstance(value, bool),
    "states": lambda value: (
        isinstance(value, dict)
        and all(isinstance(state, str) and (state in OUR_STATES or state in _REFUND_STATES) for state in value.values())
    ),
}


def shipped() -> tuple[MappedFormat, ...]:
    """Return the mappings that come with the product."""
    return tuple(
        MappedFormat(json.loads(path.read_text(encoding="utf-8")), code=path.stem, title=TITLES[path.stem])
        for path in sorted(SHIPPED.glob("*.json"))
    )


FORMATS: Final = shipped()
