from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.refunds.models import Refund
from products.refunds.queries import OPEN
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table


class RefundTable(Table):
    number = Column(
        gettext_lazy("Refund"),
        reads=("is_summary", "number"),
        link=True,
        fixed=True,
        second="channel.title",
        phone=1,
        code=True,
    )
    order = Column(gettext_lazy("Order"), reads=("order.number", "order_number"), code=True)
    amount = Column(gettext_lazy("Amount"), format="money", phone=4)
    state = Column(gettext_lazy("State"), format="badge", phone=2)
    due_at = Column(gettext_lazy("Answer by"), reads=("due_at",), phone=5)
    reason = Column(gettext_lazy("Reason"), phone=3)
    requested_at = Column(gettext_lazy("Asked at"), format="moment")
    counted_at = Column(gettext_lazy("Counts on"), reads=("counted_at",))
    done_at = Column(gettext_lazy("Done at"), format="moment", hidden=True)
    kind = Column(gettext_lazy("Kind"), hidden=True)
    platform_state = Column(gettext_lazy("Platform's state"), hidden=True)

    def url(self, row: Refund) -> str:
        return reverse("refunds:refund", args=[row.pk])

    def show_number(self, row: Refund) -> Cell:
        return Cell(self.file_number(row.is_summary, row.number), href=self.url(row))

    def file_number(self, is_summary: bool, number: str) -> str:  # noqa: FBT001 - as it is read
        return _("Stated by the order") if is_summary else number

    def show_order(self, row: Refund) -> Cell:
        if row.order is None:
            return Cell(self.file_order(None, row.order_number), tone="quiet")
        return Cell(row.order.number, href=reverse("orders:order", args=[row.order_id]))

    def file_order(self, number: str | None, named: str) -> str:
        return number or named or _("without order")

    def show_due_at(self, row: Refund) -> Cell:
        if row.due_at is None or row.state not in OPEN:
            return Cell("")
        words, tone = formats.countdown(row.due_at)
        return Cell(words, second=formats.moment(row.due_at), tone=tone, css="so-time")

    def show_counted_at(self, row: Refund) -> Cell:
        if row.counted_at is None:
            return Cell("")
        note = _("the order's payment") if "day_from_order" in row.notes else ""
        return Cell(
            formats.moment(row.counted_at), second=note, title=formats.full_moment(row.counted_at), css="so-time"
        )
