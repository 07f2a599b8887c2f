from django.utils.translation import gettext_lazy as _

from customers.identity.models import shown_name
from customers.value.models import CustomerValue
from shopops.ui.tables import Column, Table


class CustomerTable(Table):
    customer = Column(_("Customer"), reads=("customer.name", "customer.pk"), link=True, fixed=True, phone=1)
    orders = Column(_("Orders"), format="number", phone=2)
    paid = Column(_("Paid"), format="money")
    refunded = Column(_("Refunded"), format="money", hidden=True)
    net = Column(_("Net"), format="money", phone=4)
    currency = Column(_("Currency"), hidden=True)
    first_paid_at = Column(_("First order"), format="moment")
    last_paid_at = Column(_("Last order"), format="moment", phone=3)

    def url(self, row: CustomerValue) -> str:
        return row.customer.get_absolute_url()

    def show_customer(self, row: CustomerValue) -> str:
        return str(row.customer)

    def file_customer(self, name: str, pk: int) -> str:
        return shown_name(name, pk)


class SeenCustomerTable(CustomerTable):
    """The same for who sees some channels only: what was bought there."""

    orders = Column(_("Orders"), field="seen_orders", format="number", phone=2)
    paid = Column(_("Paid"), field="seen_paid", format="money")
    refunded = Column(_("Refunded"), field="seen_refunded", format="money", hidden=True)
    net = Column(_("Net"), field="seen_net", format="money", phone=4)
    first_paid_at = Column(_("First order"), field="seen_first_paid_at", format="moment")
    last_paid_at = Column(_("Last order"), field="seen_last_paid_at", format="moment", phone=3)
