"""One-time links by which somebody sets their own password: no password ever travels."""

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from shopops.accounts import sessions, tokens
from shopops.accounts.facts import tell
from shopops.accounts.forgotten import mail_tokens
from shopops.accounts.models import User
from shopops.errors import Refused
from shopops.history.actor import acting

_tokens = PasswordResetTokenGenerator()  # used up by setting a password or logging in, ends after three days


def link_for(user: User) -> str:
    """Return the full address of a one-time link for ``user``; show it once, store it nowhere."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return f"{settings.SITE_URL}{reverse('accounts:welcome', kwargs={'uid': uid, 'token': _tokens.make_token(user)})}"


def invited(uid: str, token: str) -> User | None:
    """Return whom a link is for; None when it is used up, too old or nobody's."""
    try:
        pk = force_str(urlsafe_base64_decode(uid))
    except (ValueError, UnicodeDecodeError):
        return None
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    user = User.objects.filter(pk=int(pk), is_active=True).first()
    good = user is not None and (_tokens.check_token(user, token) or mail_tokens.check_token(user, token))
    return user if good else None


def set_password(user: User, password: str) -> None:
    """Set the password somebody chose and end what the former one began. Raises Refused with the reasons against."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages) or _("This password is too weak.")) from error
    with acting(user):
        user.set_password(password)
        user.save(update_fields=["password", "updated_at"])
        tokens.revoke(user, by=user)
        sessions.end_all(user, by=user)
        tell(user, "password", by=user)
