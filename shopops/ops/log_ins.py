"""Log-ins to try a store of one's own machine with."""

from django.conf import settings
from django.utils.translation import gettext as _

from shopops.accounts.models import Role, User
from shopops.accounts.services import create_user, new_password
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting


def one_per_role() -> list[dict[str, str]]:
    """Give one demo log-in of each role a new random password, made where there is none; return them.

    Raises Refused on a public address: a store people work with has no log-ins but those it invited.
    """
    if settings.SECURE:
        raise Refused(_("Log-ins of a demo are not made on a public address."))
    return [_log_in(role) for role in Role.objects.order_by("position")]


def _log_in(role: Role) -> dict[str, str]:
    password = new_password()
    user = User.objects.filter(is_demo=True, is_active=True, roles=role).order_by("pk").first()
    if user is None:
        taken = User.objects.filter(username=role.code).exists()
        user = create_user(
            username=f"demo-{role.code}" if taken else role.code,
            full_name=role.name,
            role_codes=[role.code],
            password=password,
            is_demo=True,
            by=SYSTEM,
        )
    else:
        user.set_password(password)
        with acting(SYSTEM):
            user.save(update_fields=["password", "updated_at"])
    return {"role": role.code, "username": user.username, "password": password}
