from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from customers.identity.models import Customer
from customers.value.models import CustomerValue
from customers.value.queries import sum_seen
from products.channels.models import Channel
from shopops.search.registry import Finder, Hit
from shopops.ui import formats

if TYPE_CHECKING:
    from shopops.accounts.models import User


def _customers(user: "User", text: str, limit: int) -> Iterator[Hit]:
    found = Customer.objects.found(text, user).values("pk")
    values = CustomerValue.objects.visible_to(user).for_list().filter(customer__in=found)
    if Channel.objects.leave_demo_out():
        values = values.filter(customer__is_demo=False)
    for value in values.order_by("-last_paid_at", "-id")[:limit]:
        note = f"{formats.number(sum_seen(value, 'orders'))} · {formats.symbol(value.currency)}{formats.money(sum_seen(value, 'net'))}"
        yield Hit(str(value.customer), value.customer.get_absolute_url(), note)


FINDERS = [Finder("customers", _("Customers"), "identity.view", "user-circle", _customers, position=15)]
