from base64 import b64decode, b64encode
from typing import ClassVar, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from shopops.access.addresses import client_address
from shopops.access.personal import reveal, seal
from shopops.accounts import sessions, throttle, tokens
from shopops.accounts.facts import tell
from shopops.accounts.models import User
from shopops.accounts.recent import recently_authenticated
from shopops.history.actor import acting

SAID: Final = {
    "account/messages/password_changed.txt": _("Your password is changed. You were logged out everywhere else."),
    "mfa/messages/totp_activated.txt": _("The authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is removed."),
    "mfa/messages/webauthn_added.txt": _("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
}
PAUSE_SECONDS: Final = 900  # of django-axes
NOWHERE: Final = "0.0.0.0"  # noqa: S104 - of a request without an address; nothing is bound to it


class StaffAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address a session is noted with: the one the limiter of log-ins counts by."""
        return client_address(request) or NOWHERE

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Let nobody have a password hashed who tries too often."""
        if wait := throttle.wait_before_log_in(request, credentials.get("username", "")):
            raise ImmediateHttpResponse(throttle.too_many(request, wait))

    def authenticate(self, request: HttpRequest, **credentials: str) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            throttle.right(request, user)
        return user

    def post_login(self, request: HttpRequest, user: User, **told: object) -> HttpResponse:
        response = super().post_login(request, user, **told)
        throttle.logged_in(request, user, response)
        return response

    def is_reauthentication_required(self, *, app: str, **_more: object) -> bool:
        return not recently_authenticated(self.request)

    def set_password(self, user: User, password: str) -> None:
        """Change a password in the person's own name; tokens made under the former one end."""
        with acting(user):
            super().set_password(user, password)
            tokens.revoke(user, by=user)
            tell(user, "password", by=user)
        sessions.drop_others(self.request, user)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, object] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say in our words what allauth wants to say; of log-in and log-out nothing."""
        if text := message or SAID.get(message_template or ""):
            messages.add_message(request, level, str(text), extra_tags=extra_tags)


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: secrets are stored encrypted, names are ours."""

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("The code does not fit. Each one works once, for 30 seconds."),
    }

    def encrypt(self, text: str) -> str:
        return b64encode(seal(text)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return reveal(b64decode(encrypted_text))

    def build_totp_svg(self, url: str) -> str:
        return ""  # the page shows a picture of its own address

    def get_totp_issuer(self) -> str:
        return settings.STORE_NAME

    def get_totp_label(self, user: User) -> str:
        return user.username

    def _get_user_identifier(self, user: User) -> str:
        return user.username

    def _get_site_name(self) -> str:
        return settings.STORE_NAME

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - allauth's name
        return str(_("Passkey"))


def axes_username(request: HttpRequest | None, credentials: dict[str, str] | None = None) -> str | None:
    """Return the name the limiter counts by.

    allauth calls the form field ``login``; with the form-field setting a right password
    passed a lock.
    """
    if credentials and (name := credentials.get("username") or credentials.get("login")):
        return throttle.plain_name(name)
    if request is not None and (name := request.POST.get("login") or request.POST.get("username")):
        return throttle.plain_name(name)
    return None


def locked_out(request: HttpRequest, _response: object = None, _credentials: object = None) -> HttpResponse:
    """Answer a locked log-in: the same words whether the account exists or not."""
    return throttle.too_many(request, PAUSE_SECONDS)
