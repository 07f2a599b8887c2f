"""Second factors: codes of an app that work once, recovery codes, passkeys; who has them, and their reset."""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from shopops import clock
from shopops.access import limits
from shopops.accounts import sessions
from shopops.accounts.facts import tell
from shopops.accounts.models import User
from shopops.errors import Refused
from shopops.history.actor import System, acting

if TYPE_CHECKING:
    from django.http import HttpRequest

STEP: Final = 30  # seconds a code lives
TRIES: Final = 5  # then a pause that doubles, from 5 minutes to an hour
Type = Authenticator.Type


class WrongCode(Refused):
    """The code is none of this person's, or was used before."""


class TooManyCodes(Refused):
    """Five wrong codes: a pause."""


def passkeys_possible() -> bool:
    """Say whether browsers allow passkeys at this store's address: https, or http on localhost."""
    return settings.SECURE or urlsplit(settings.SITE_URL).hostname == "localhost"


def check_code(user: User, code: str) -> Authenticator:
    """Spend a code of ``user`` (app or recovery) and return what it belongs to.

    Raises TooManyCodes after five wrong ones, WrongCode else. Each code works once, in parallel too:
    the row is locked while it is spent.
    """
    pace(user)
    with transaction.atomic():
        for item in Authenticator.objects.select_for_update().filter(user=user).exclude(type=Type.WEBAUTHN):
            fits = _spend(item, code) if item.type == Type.TOTP else item.wrap().validate_code(code)
            if fits:
                item.user = user
                limits.clear("factor", user.pk)
                return item
    raise WrongCode(_("The code does not fit. Each one works once, for 30 seconds."))


def pace(user: User) -> None:
    """Count a try. Raises TooManyCodes."""
    if wait := limits.pace("factor", user.pk, free=TRIES, first=300, most=3600, forget=24 * 3600):
        minutes = -(-wait // 60)
        raise TooManyCodes(_("Too many wrong codes. Try again in %(count)s minutes.") % {"count": minutes})


def code_at(secret: str, step: int) -> str:
    """Return the app's code of one step of 30 seconds."""
    return str(format_hotp_value(hotp_value(secret, step)))


def present_step() -> int:
    return int(clock.now().timestamp()) // STEP


def fits_now(secret: str, code: str) -> bool:
    """Say whether ``code`` is the present one of ``secret``."""
    return constant_time_compare(normalize_user_code(code), code_at(secret, present_step()))


def _spend(item: Authenticator, code: str) -> bool:
    step = present_step()
    if step <= item.data.get("spent", 0) or not fits_now(decrypt(item.data["secret"]), code):
        return False
    item.data["spent"] = step
    item.save(update_fields=["data"])
    return True


def noted(user: User, *, by: "User | System", request: "HttpRequest | None" = None) -> None:
    """Bring the person's count of second factors in step, so that their history tells of it.

    ``request`` is theirs: with a factor they are free to go on, without one they owe it again.
    """
    count = Authenticator.objects.filter(user=user).exclude(type=Type.RECOVERY_CODES).count()
    with acting(by):
        if User.objects.filter(pk=user.pk).exclude(factor_count=count).update(factor_count=count) and by.pk == user.pk:
            tell(user, "factor_added" if count > user.factor_count else "factor_removed", by=by)
    user.factor_count = count
    if request is None:
        return
    if count:
        request.session.pop("enrol", None)
    elif any(sessions.is_required(item) for item in user.roles.values_list("second_factor", flat=True)):
        request.session["enrol"] = True


def reset(user: User, *, by: "User | System") -> int:
    """Take all second factors from somebody who lost them; return how many. Ends their log-ins everywhere."""
    with acting(by):
        count = Authenticator.objects.filter(user=user).exclude(type=Type.RECOVERY_CODES).count()
        Authenticator.objects.filter(user=user).delete()
        noted(user, by=by)
        sessions.end_all(user, by=by)
        if count:
            tell(user, "factor_reset", by=by)
    limits.clear("factor", user.pk)
    return count


def spend_present(user: User) -> None:
    """Make the code that set the app up unfit for a log-in."""
    item = Authenticator.objects.get(user=user, type=Type.TOTP)
    item.data["spent"] = present_step()
    item.save(update_fields=["data"])
    limits.clear("factor", user.pk)
