"""What a password may not be. Length counts, composition does not; nothing asks for changes by the calendar."""

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from shopops.accounts.models import User

LONGEST: Final = 128
_AROUND: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_NAMES: Final = ("shopops",)
ADDED: Final = 8  # characters somebody else's word must have around it to count as a password


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


class NotTooLong:
    """At most 128 characters: more would only cost time to hash."""

    def validate(self, password: str, user: "User | None" = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(_("A password has at most %(count)s characters.") % {"count": LONGEST})

    def get_help_text(self) -> str:
        return _("A password has at most %(count)s characters.") % {"count": LONGEST}


class NotCommon:
    """Not one of 20,000 passwords known from breaches, bare, doubled or with digits and signs around it."""

    def validate(self, password: str, user: "User | None" = None) -> None:
        low = password.strip().lower()
        core = _AROUND.sub("", low)
        if {low, core, _unit(low), _unit(core)} & _common() or len(set(low)) < 5:
            raise ValidationError(_("This password is on lists of stolen passwords. Take another one."))

    def get_help_text(self) -> str:
        return _("Not a password that is on lists of stolen passwords.")


class NotOfThisStore:
    """Not the name of the store, its brand, a department or the person, with little around it."""

    def validate(self, password: str, user: "User | None" = None) -> None:
        low = password.lower()
        for word in _words(user):
            if word in low and len(low.replace(word, "")) < ADDED:
                raise ValidationError(_("Names of the store, a department or a person make weak passwords."))

    def get_help_text(self) -> str:
        return _("Not the name of the store, a department or a person.")


def _unit(text: str) -> str:
    """Return what a text repeats ("abcabc" gives "abc")."""
    length = (text + text).find(text, 1)
    return text[:length] if 0 < length < len(text) else text


def _words(user: "User | None") -> set[str]:
    from shopops.accounts.models import Department  # noqa: PLC0415 - settings name this module before models load

    departments = list(Department.objects.values_list("code", "name"))
    words = {settings.STORE_NAME, *_NAMES}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words |= {word for code, name in departments for word in (code, name, _(name))}
    if user is not None:
        words |= {user.username, user.full_name, user.email.partition("@")[0]}
    return {word.strip().lower() for word in words if len(word.strip()) >= 2}
