"""What happens to somebody's log-in is told to them."""

from typing import TYPE_CHECKING

from shopops.accounts.devices import describe
from shopops.accounts.models import User
from shopops.notifications.models import Fault
from shopops.notifications.services import first_time, notify

if TYPE_CHECKING:
    from django.http import HttpRequest


def new_device(sender: object, request: "HttpRequest", user: User, **_kwargs: object) -> None:
    """Tell somebody of a log-in from a kind of device they never used; the first one of all is no news."""
    known = f"device:{user.pk}:"
    is_first = not Fault.objects.filter(key__startswith=known).exists()
    if first_time([known + describe(request.headers.get("User-Agent", ""))]) and not is_first:
        notify([user], "accounts.new_device")


def factor_reset(sender: object, *, user_id: int, what: str, **_kwargs: object) -> None:
    """Tell somebody that their second factor was reset."""
    if what == "factor_reset":
        notify(User.objects.filter(pk=user_id), "accounts.second_factor_reset")
