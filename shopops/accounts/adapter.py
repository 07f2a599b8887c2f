from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shopops.access.addresses import client_address
from shopops.accounts.models import User
from shopops.history.actor import acting


class StaffAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address a session is noted with: the one the limiter of log-ins counts by."""
        return client_address(request)

    def set_password(self, user: "User", password: str) -> None:
        """Change a password in the person's own name."""
        with acting(user):
            super().set_password(user, password)


def axes_username(request: HttpRequest | None, credentials: dict[str, str] | None = None) -> str | None:
    """Return the name the limiter counts by.

    allauth calls the form field ``login``; with the form-field setting a right password
    passed a lock.
    """
    if credentials and (name := credentials.get("username") or credentials.get("login")):
        return name.strip().lower()[:64]
    if request is not None and (name := request.POST.get("login") or request.POST.get("username")):
        return name.strip().lower()[:64]
    return None


def locked_out(request: HttpRequest, _response: object = None, _credentials: object = None) -> HttpResponse:
    """Answer a locked log-in: the same words whether the account exists or not."""
    return render(request, "errors/429.html", status=429)
