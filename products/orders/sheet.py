"""What the page of one order shows of its money and steps; no page logic, no writing."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from products.orders.models import Order, OrderLine
from products.orders.queries import TO_SHIP
from products.orders.states import CLOSED_STATES
from shopops.ui import formats

COUNTED = (OrderLine.Kind.GOODS, OrderLine.Kind.CHARGE)


@dataclass(frozen=True)
class MoneyLine:
    """One line of an order's money; ``total`` ones are sums of those above."""

    label: str
    value: Decimal | None
    total: bool = False
    note: str = ""
    column: str = ""  # the order's own field it shows as it stands

    @property
    def shown(self) -> str:
        return formats.money(self.value)

    @property
    def exact(self) -> str:
        return formats.exact(self.value)


def money_of(order: Order, lines: list[OrderLine]) -> list[MoneyLine]:
    """Return the order's money so that it adds up: what the header states is the truth, a rest is named.

    goods − discounts + postage (+ other differences) = payable; paid − refunded = net.
    """
    amounts = [line.amount for line in lines if line.kind in COUNTED and line.amount is not None]
    rows: list[MoneyLine] = []
    if amounts and order.payable is not None:
        rows += _to_payable(order, order.payable, sum(amounts, Decimal(0)))
    elif order.payable is not None:
        rows.append(MoneyLine(_("Payable"), order.payable, total=True, column="payable"))
    rows.append(
        MoneyLine(
            _("Paid by the buyer"),
            order.paid,
            total=True,
            note="" if order.paid is not None else _("not given by the file"),
            column="paid",
        )
    )
    if order.received is not None:
        rows.append(MoneyLine(_("Received by the store"), order.received, column="received"))
    if order.refunded:
        rows.append(MoneyLine(_("Refunded"), -order.refunded, column="refunded"))
        if order.paid is not None:
            rows.append(MoneyLine(_("Net"), order.paid - order.refunded, total=True))
    return rows


def _to_payable(order: Order, payable: Decimal, goods: Decimal) -> list[MoneyLine]:
    rows = [MoneyLine(_("Goods and charges"), goods)]
    parts = (
        (_("Store's discount"), -order.discount_store if order.discount_store else None),
        (_("Platform's discount"), -order.discount_platform if order.discount_platform else None),
        (_("Postage"), order.postage or None),
    )
    rows += [MoneyLine(label, value) for label, value in parts if value]
    rest = payable - goods - sum((value for _label, value in parts if value), Decimal(0))
    if rest:
        rows.append(MoneyLine(_("Other differences"), rest, note=_("the header's payable is the truth")))
    return [*rows, MoneyLine(_("Payable"), payable, total=True)]


def steps_of(order: Order) -> list[dict[str, Any]]:
    """Return how far an order is: ordered, paid, shipped, finished (or closed), each with its time."""
    times = [
        (pgettext("order step", "Order"), order.created_at),
        (pgettext("order step", "Payment"), order.paid_at),
        (pgettext("order step", "Shipping"), order.shipped_at),
    ]
    if order.state in CLOSED_STATES:
        times.append((_("Closed"), order.closed_at or order.finished_at))
    else:
        times.append((_("Finished"), order.finished_at))
    reached = {"unpaid": 0, "deposit_paid": 0, "shipped": 2, "intercepting": 2, "finished": 3}.get(
        order.state, 1 if order.state in TO_SHIP else 0
    )
    if order.state in CLOSED_STATES:
        return [_step(label, at, "done" if at or label == times[-1][0] else "todo") for label, at in times]
    if order.state == "unknown":
        return [_step(label, at, "done" if at else "todo") for label, at in times]
    steps = []
    for index, (label, at) in enumerate(times):
        state = "done" if index <= reached else "current" if index == reached + 1 else "todo"
        steps.append(_step(label, at, state))
    return steps


def _step(label: str, at: Any, state: str) -> dict[str, Any]:
    return {"label": label, "state": state, "note": formats.moment(at) if at else ""}
