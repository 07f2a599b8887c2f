"""Who receives an order, corrected by hand because the person asked for it."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from products.orders.models import OrderContact
from shopops.access.personal import mask_name, protect_email, protect_phone, protect_text
from shopops.errors import Refused
from shopops.history.actor import acting

if TYPE_CHECKING:
    from shopops.accounts.models import User


def correct(
    order_id: int, *, name: str = "", phone: str = "", email: str = "", address: str = "", request: int = 0, by: "User"
) -> OrderContact:
    """Replace what is given of an order's receiver; what is empty stays. Raises Refused where nothing is given."""
    values: dict[str, Any] = {}
    if name:
        values |= {"name": protect_text(name), "name_mask": mask_name(name)[:64]}
    if phone:
        found = protect_phone(phone)
        values |= {
            "phone": found.cipher,
            "phone_digest": found.digest,
            "phone_tail": found.tail,
            "phone_mask": found.mask,
        }
    if email:
        found = protect_email(email)
        values |= {"email": found.cipher, "email_digest": found.digest, "email_mask": found.mask[:80]}
    if address:
        values["address"] = protect_text(address)
    if not values:
        raise Refused(_("Fill in what is to be corrected."))
    with acting(by, source=f"request:{request}" if request else ""):
        contact = OrderContact.objects.select_for_update().filter(pk=order_id).first() or OrderContact(
            order_id=order_id
        )
        for field, value in values.items():
            setattr(contact, field, value)
        contact.save()
    return contact
