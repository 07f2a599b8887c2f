from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.orders.models import Order
from products.orders.queries import TO_SHIP
from shopops.access.personal import mask_name
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table


def shown_buyer(order: Order) -> str:
    """A buyer as lists show them: the receiver's mask, else the platform's name of the buyer, masked."""
    contact = getattr(order, "contact", None)
    return _masked(contact.name_mask if contact else "", order.buyer)


def _masked(receiver: str | None, buyer: str) -> str:
    return receiver or mask_name(buyer)


class OrderTable(Table):
    number = Column(gettext_lazy("Order"), link=True, fixed=True, second="channel.title", phone=1, code=True)
    titles = Column(gettext_lazy("Goods"), reads=("titles",), phone=3)
    buyer = Column(gettext_lazy("Buyer"), reads=("contact.name_mask", "buyer"))
    pieces = Column(gettext_lazy("Pieces"), format="number")
    payable = Column(gettext_lazy("Payable"), format="money", hidden=True)
    paid = Column(gettext_lazy("Paid"), format="money", phone=4)
    refunded = Column(gettext_lazy("Refunded"), reads=("refunded",), format="money")
    state = Column(gettext_lazy("State"), format="badge", phone=2)
    due_at = Column(gettext_lazy("Ship by"), reads=("due_at",), phone=5)
    paid_at = Column(gettext_lazy("Paid at"), format="moment")
    created_at = Column(gettext_lazy("Ordered at"), format="moment", hidden=True)
    shipped_at = Column(gettext_lazy("Shipped at"), format="moment", hidden=True)
    province = Column(gettext_lazy("Province"), hidden=True)
    kind = Column(gettext_lazy("Kind"), format="words", hidden=True)
    platform_state = Column(gettext_lazy("Platform's state"), hidden=True)
    memo = Column(gettext_lazy("Memo"), hidden=True)
    flag_own = Column(gettext_lazy("Store's flag"), format="badge", hidden=True)
    note = Column(gettext_lazy("Store's note"), hidden=True)

    def url(self, row: Order) -> str:
        return reverse("orders:order", args=[row.pk])

    def show_titles(self, row: Order) -> Cell:
        first = row.titles.split("，")[0][:24] or formats.ABSENT
        more = _("and %(count)s more") % {"count": row.line_count - 1} if row.line_count > 1 else ""
        message, note = self.value(row, "message"), self.value(row, "note")
        said = _("Buyer: %(message)s") % {"message": message[:24]} if message else ""
        ours = " ".join(part for part in (row.get_flag_own_display(), note[:24]) if part)
        second = " · ".join(part for part in (ours, more, said) if part)
        return Cell(first, second=second, title=row.titles, css="so-wide")

    def show_buyer(self, row: Order) -> Cell:
        contact = getattr(row, "contact", None)
        return Cell(shown_buyer(row) or formats.ABSENT, second=contact.phone_mask if contact else "")

    def file_buyer(self, receiver: str | None, buyer: str) -> str:
        return _masked(receiver, buyer) or formats.ABSENT

    def show_refunded(self, row: Order) -> Cell:
        if not row.refunded:
            return Cell("")
        return Cell(formats.money(row.refunded), title=formats.exact(row.refunded))

    def show_due_at(self, row: Order) -> Cell:
        if row.due_at is None or row.state not in TO_SHIP:
            return Cell("")
        words, tone = formats.countdown(row.due_at)
        return Cell(words, second=formats.moment(row.due_at), tone=tone, css="so-time")
