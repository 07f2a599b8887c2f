"""allauth's form of a changed password, with our limit on guesses of the former one."""

from allauth.account.forms import ChangePasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from shopops.access import limits


class ChangeForm(ChangePasswordForm):
    """The former password and a new one, twice."""

    def clean_oldpassword(self) -> str:
        if wait := limits.pace("password", self.user.pk, free=5, first=300, most=3600, forget=24 * 3600):
            raise ValidationError(
                _("Too many wrong passwords. Try again in %(count)s minutes.") % {"count": -(-wait // 60)}
            )
        former: str = super().clean_oldpassword()
        limits.clear("password", self.user.pk)
        return former
