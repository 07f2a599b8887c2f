"""Second factors of one's own: allauth's pages with our access, our look and our record of what was done."""

from typing import TYPE_CHECKING, ClassVar

import segno
from allauth.account.views import LogoutView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from shopops.access.declare import STAFF, StaffRequest, access
from shopops.accounts import second_factor

if TYPE_CHECKING:
    from django.forms import Form

METHODS = ["get", "head", "post"]


@access(STAFF, methods=("GET",))
def factors(request: StaffRequest) -> HttpResponse:
    """Show the second factors somebody has, and the ways to add one."""
    owned = list(Authenticator.objects.filter(user=request.user).order_by("created_at", "pk"))
    codes = next((item for item in owned if item.type == "recovery_codes"), None)
    context = {
        "title": _("Second factor"),
        "app": next((item for item in owned if item.type == "totp"), None),
        "codes": codes,
        "left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "passkeys": [item for item in owned if item.type == "webauthn"],
        "possible": second_factor.passkeys_possible(),
        "owes": bool(request.session.get("enrol")),
    }
    template = "mfa/owed.html" if context["owes"] else "mfa/index.html"
    return render(request, template, context)


@access(STAFF, methods=("GET",))
def totp_picture(request: StaffRequest) -> HttpResponse:
    """Draw the secret that is being set up as a QR code (SVG), for the phone to photograph."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404
    code = segno.make(get_adapter().build_totp_url(request.user, secret), error="m", micro=False)
    response = HttpResponse(content_type="image/svg+xml")
    code.save(response, kind="svg", scale=5, border=3, light="#fff", dark="#000")
    return response


class ActivateApp(ActivateTOTPView):
    """Set up an authenticator app: photograph the code, type what the app shows."""

    permission: ClassVar = STAFF
    http_method_names: ClassVar = METHODS

    def form_valid(self, form: "Form") -> HttpResponse:
        response = super().form_valid(form)
        second_factor.spend_present(self.request.user)
        second_factor.noted(self.request.user, by=self.request.user, request=self.request)
        return response


class RemoveApp(DeactivateTOTPView):
    """Remove the authenticator app."""

    permission: ClassVar = STAFF
    http_method_names: ClassVar = METHODS

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if str(request.method).lower() not in METHODS:  # asked before allauth looks for the app
            return self.http_method_not_allowed(request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: "Form") -> HttpResponse:
        response = super().form_valid(form)
        second_factor.noted(self.request.user, by=self.request.user, request=self.request)
        return response


class AddPasskey(AddWebAuthnView):
    """Add a passkey: the browser makes it, the person names it."""

    permission: ClassVar = STAFF
    http_method_names: ClassVar = METHODS

    def form_valid(self, form: "Form") -> HttpResponse:
        response = super().form_valid(form)
        second_factor.noted(self.request.user, by=self.request.user, request=self.request)
        return response


class RemovePasskey(RemoveWebAuthnView):
    """Remove a passkey."""

    permission: ClassVar = STAFF
    http_method_names: ClassVar = METHODS
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: "Form") -> HttpResponse:
        response = super().form_valid(form)
        second_factor.noted(self.request.user, by=self.request.user, request=self.request)
        return response


class RecoveryCodes(ViewRecoveryCodesView):
    """Show the recovery codes, once."""

    permission: ClassVar = STAFF
    http_method_names: ClassVar = ["get", "head"]


class NewRecoveryCodes(GenerateRecoveryCodesView):
    """Make new recovery codes; the former ones end."""

    permission: ClassVar = STAFF
    http_method_names: ClassVar = METHODS


class LogOut(LogoutView):
    """Log out: the session's row is deleted, the browser forgets what it kept."""

    permission: ClassVar = STAFF
    http_method_names: ClassVar = METHODS

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response: HttpResponse = super().post(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
