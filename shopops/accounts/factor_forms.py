"""allauth's forms of second factors, with our limits: a code works once, five wrong ones are followed by a pause."""

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from shopops.accounts import second_factor
from shopops.errors import Refused


class _Code(forms.Form):
    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            self.authenticator = second_factor.check_code(self.user, code)
        except Refused as refusal:
            raise ValidationError(str(refusal)) from refusal
        return code


class CodeForm(_Code, AuthenticateForm):
    """The code asked for at log-in."""


class ConfirmCodeForm(_Code, ReauthenticateForm):
    """The code that confirms it is you."""


class ActivateForm(ActivateTOTPForm):
    """The first code of a new app."""

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            second_factor.pace(self.user)
        except Refused as refusal:
            raise ValidationError(str(refusal)) from refusal
        if not second_factor.fits_now(self.secret, code):
            raise ValidationError(_("The code does not fit. Is the clock of your phone right?"))
        return code
