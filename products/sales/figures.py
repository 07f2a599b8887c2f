"""The figures of any days, by any key: what ``manage.py figures`` prints, the API answers and pages ask for.

Read from the day roll-ups. Unknown is not 0: a figure no file gives is None, and ``known`` of ``of``
orders tells how much of it is known where only a part is. A day without orders is 0 where an import
spans it, None where none does. Definitions: :mod:`products.sales.metrics`.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.conf import settings

from products.sales import grouping, spans
from products.sales.grouping import TOTAL, Cell, People
from products.sales.questions import WINDOW, Question, channels
from shopops.metrics.registry import Metric, metric
from shopops.money import ratio

_PEOPLE: Final = frozenset({"buyers", "new_buyers", "old_buyers", "aov_buyer"})
_OF_ORDERS: Final = frozenset({"gmv", "unpaid_orders", "pay_rate", "refund_rate_orders"})  # whole orders, not lines


@dataclass(frozen=True)
class Figure:
    """One figure: exact, in ``currency`` where it is money; known for ``known`` of ``of`` orders."""

    metric: str
    key: str
    value: Decimal | None
    currency: str | None
    known: int = 0
    of: int = 0

    @property
    def is_partly_known(self) -> bool:
        return 0 < self.known < self.of

    def as_json(self) -> dict[str, Any]:
        """Return the figure with its value as a decimal string, without needless zeros behind the cents."""
        row: dict[str, Any] = {"metric": self.metric, "key": self.key, "value": self.text, "currency": self.currency}
        return row | ({"known": self.known, "of": self.of} if self.is_partly_known else {})

    @property
    def text(self) -> str | None:
        """Write the value exactly: 2474823.07, 0.231263, 24087."""
        if self.value is None:
            return None
        whole, _, places = f"{self.value:f}".partition(".")
        if metric(self.metric).unit == "count":
            return whole
        kept = places if len(places) > 4 else places.rstrip("0").ljust(2, "0")
        return f"{whole}.{kept}"


def figures(
    metrics: Sequence[str],
    first: date,
    last: date,
    *,
    by: str | None = None,
    channel: str | Sequence[str] = (),
    basis: str = "paid",
    refunds: str = "day",
    window: int = WINDOW,
    among: Collection[int] | None = None,
) -> list[Figure]:
    """Return the figures of the store days ``first`` to ``last``, both inclusive, metric by metric.

    ``by``: day, week, month, weekday, hour, channel, sku, province or None for one total. ``channel``:
    codes; without any, all that count (the demo's only while no real one has data). ``among``: the ids of the
    channels the asker sees (None: all). Money of different
    currencies stands side by side, the store's first; counts are one row. Time keys come in order,
    places and items by the first metric's value. Raises UnknownMetric, BadQuestion.
    """
    wanted = [metric(code) for code in dict.fromkeys(metrics)]
    codes = [channel] if isinstance(channel, str) else list(channel)
    question = Question(
        first, last, by, channels([code for code in codes if code], among=among), basis, refunds, window
    )
    return _Answer(question, wanted).figures()


class _Answer:
    """The rows of one question, fetched once for all its metrics."""

    def __init__(self, question: Question, metrics: list[Metric]) -> None:
        self.question, self.metrics = question, metrics
        codes = {item.code for item in metrics}
        self.cells = grouping.sums(question)
        self.covered = spans.covered_days(question)
        ask_people = bool(codes & _PEOPLE)
        self.people = grouping.people(question) if ask_people else {}
        self.ends = grouping.ends(question) if "repurchase_rate" in codes else {}
        self.returning = grouping.returning(question, self.ends)
        if ask_people and question.by in {"hour", "province", "sku"}:
            for place, cell in self.cells.items():
                found = self.people.get(place, People())
                cell.known_orders, cell.known_paid = found.known_orders, found.known_paid
        self.keys = self._keys()
        self.holes = self._holes()

    def figures(self) -> list[Figure]:
        found = []
        for number, item in enumerate(self.metrics):
            rows = [figure for key in self.keys for figure in self._of_key(item, key)]
            if number == 0 and self.question.by in {"sku", "province"}:
                rows.sort(key=lambda figure: (figure.value is None, -(figure.value or 0), figure.key))
                self.keys = list(dict.fromkeys(figure.key for figure in rows))
            found.extend(rows)
        return found

    def _keys(self) -> list[str]:
        by = self.question.by
        if by is None:
            return [TOTAL]
        if by == "channel":
            return [channel.code for channel in self.question.channels]
        if by == "hour":
            return [str(hour) for hour in range(24)]
        if by in {"sku", "province"}:
            return sorted({key for key, _currency in self.cells})
        keys = {grouping.key_of(by)(day) for day in self.question.days}
        return sorted(keys)

    def _holes(self) -> set[tuple[str, str]]:
        """Return the (key, currency) some import spans: 0 there, None elsewhere."""
        by = self.question.by
        spanned = set()
        for channel in self.question.channels:
            days = self.covered.get(channel.code, set())
            if by in {"day", "week", "month", "weekday"}:
                spanned |= {(grouping.key_of(by)(day), channel.currency) for day in days}
            elif days and by == "channel":
                spanned.add((channel.code, channel.currency))
            elif days:
                spanned |= {(key, channel.currency) for key in self.keys if by in {None, "hour"}}
        return spanned

    @property
    def currencies(self) -> list[str]:
        """Return the currencies to show: those with any row or spanned day, else those of the channels."""
        found = {currency for _key, currency in self.cells} | {currency for _key, currency in self.holes}
        found = found or {channel.currency for channel in self.question.channels} or {settings.STORE_CURRENCY}
        return sorted(found, key=lambda code: (code != settings.STORE_CURRENCY, code))

    def _of_key(self, item: Metric, key: str) -> Iterable[Figure]:
        if not item.by_currency:
            cells = [cell for currency in self.currencies if (cell := self._cell(key, currency)) is not None]
            whole = sum(cells[1:], start=cells[0]) if cells else None
            yield self._figure(item, key, whole, "")
            return
        for currency in self._currencies_of(key):
            yield self._figure(item, key, self._cell(key, currency), currency)

    def _currencies_of(self, key: str) -> list[str]:
        if self.question.by == "channel":
            return [channel.currency for channel in self.question.channels if channel.code == key]
        if self.question.by in {"sku", "province"}:
            return [currency for currency in self.currencies if (key, currency) in self.cells]
        return self.currencies

    def _cell(self, key: str, currency: str) -> Cell | None:
        found = self.cells.get((key, currency))
        return found if found is not None else Cell() if (key, currency) in self.holes else None

    def _figure(self, item: Metric, key: str, cell: Cell | None, currency: str) -> Figure:
        if cell is None or (self.question.by == "sku" and item.code in _OF_ORDERS):
            return Figure(item.code, key, None, currency or None)
        people = self.people.get((key, currency), People())
        known, of = _known(item.code, cell)
        if of and not known:
            return Figure(item.code, key, None, currency or None, known, of)
        value: Decimal | int | None
        if item.code == "repurchase_rate":
            twice, once = self.returning.get(key, (0, 0))
            value = ratio(twice, once)
        else:
            value = _FORMULAS[item.code](cell, people, self.question.refunds)
        return Figure(item.code, key, None if value is None else Decimal(value), currency or None, known, of)


def _known(code: str, cell: Cell) -> tuple[int, int]:
    """Return for how many of how many orders the figure is known."""
    if code in {"paid", "net", "orders", "aov_order", "refund_rate", "refund_rate_orders"}:
        return cell.orders, cell.orders + cell.unknown_paid
    if code in {"pieces", "upt", "unit_price"}:
        return cell.orders - cell.unknown_pieces, cell.orders
    if code in _PEOPLE:
        return cell.known_orders, cell.orders
    return 0, 0


def _refunds(cell: Cell, view: str) -> Decimal:
    # Credits that name no order count on their own day in both views: totals over all time agree.
    return cell.refunds if view == "day" else cell.refunds_of_orders + cell.refunds_without_order


_FORMULAS: Final[dict[str, Callable[[Cell, People, str], Decimal | int | None]]] = {
    "gmv": lambda cell, _people, _view: cell.payable,
    "paid": lambda cell, _people, _view: cell.paid,
    "refunds": lambda cell, _people, view: _refunds(cell, view),
    "net": lambda cell, _people, view: cell.paid - _refunds(cell, view),
    "orders": lambda cell, _people, _view: cell.orders,
    "unpaid_orders": lambda cell, _people, _view: cell.unpaid,
    "buyers": lambda _cell, people, _view: people.buyers,
    "pieces": lambda cell, _people, _view: cell.pieces,
    "pay_rate": lambda cell, _people, _view: ratio(cell.created - cell.unpaid, cell.created),
    "refund_rate": lambda cell, _people, _view: ratio(_refunds(cell, "order"), cell.paid),
    "refund_rate_orders": lambda cell, _people, _view: ratio(cell.refunded_orders, cell.orders),
    "aov_buyer": lambda cell, people, _view: ratio(cell.known_paid, people.buyers),
    "aov_order": lambda cell, _people, _view: ratio(cell.paid, cell.orders),
    "upt": lambda cell, _people, _view: ratio(cell.pieces, cell.orders - cell.unknown_pieces),
    "unit_price": lambda cell, _people, _view: ratio(cell.goods_paid, cell.goods_pieces),
    "new_buyers": lambda _cell, people, _view: people.buyers - people.old,
    "old_buyers": lambda _cell, people, _view: people.old,
}
