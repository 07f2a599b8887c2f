"""The variables a message may hold: a closed list, put in by name. There is no language of templates.

Written ``${name}``. What is put in is data of people: it is made harmless for where it goes, once, and is
never read as a variable again.
"""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

from shopops.words import Words

_PLACE: Final = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")
_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class Medium(models.TextChoices):
    """Where a text goes: what has to be made harmless in it."""

    SMS = "sms", pgettext_lazy("medium", "Text message")
    SUBJECT = "subject", pgettext_lazy("medium", "Subject of a mail")
    PLAIN = "plain", pgettext_lazy("medium", "Mail as plain text")
    HTML = "html", pgettext_lazy("medium", "Mail with pictures and links")


@dataclass(frozen=True)
class Variable:
    """One variable: its words in the editor, and what stands there for people of whom the value is not known."""

    name: str
    label: Words
    fallback: str | None = None


VARIABLES: Final = {
    variable.name: variable
    for variable in (
        Variable("name", pgettext_lazy("variable", "Form of address"), "顾客"),
        Variable("store", pgettext_lazy("variable", "Name of the store")),
        Variable("tier", pgettext_lazy("variable", "Member tier"), "会员"),
        Variable("points", pgettext_lazy("variable", "Points"), "0"),
        Variable("points_expiring", pgettext_lazy("variable", "Points that run out next"), "0"),
        Variable("points_expire_day", pgettext_lazy("variable", "Day on which they run out")),
        Variable("coupon", pgettext_lazy("variable", "Coupon code")),
        Variable("coupon_until", pgettext_lazy("variable", "Last day of the coupon")),
        Variable("link", pgettext_lazy("variable", "Short link")),
        Variable("festival", pgettext_lazy("variable", "Festival")),
        Variable("unsubscribe", pgettext_lazy("variable", "Link to unsubscribe")),
    )
}
FALLBACKS: Final = {name: variable.fallback for name, variable in VARIABLES.items() if variable.fallback is not None}


def variables_of(template: str) -> list[str]:
    """Return the names of a template's variables, each once, in the order they stand."""
    return list(dict.fromkeys(_PLACE.findall(template)))


def unknown_variables(template: str, allowed: Iterable[str] = VARIABLES) -> list[str]:
    """Return the names a template uses that are none of ours; what looks like a broken one is named as it stands."""
    known = frozenset(allowed)
    rest = _PLACE.sub("", template)
    return [name for name in variables_of(template) if name not in known] + re.findall(
        r"\$\{[^}]*\}?|\{\{.*?\}\}|\{%.*?%\}", rest
    )


def render(template: str, values: Mapping[str, str], medium: Medium) -> str:
    """Put the values into a template, escaped for where the text goes. Raises KeyError where one is missing.

    HTML: also inside attributes in quotes. Subject and text message: line breaks and control characters become
    a blank, so that no value begins another header.
    """
    return _PLACE.sub(lambda place: escaped(values[place[1]], medium), template)


def escaped(value: str, medium: Medium) -> str:
    """Return a value that is nothing but text where it goes."""
    if medium == Medium.HTML:
        return html.escape(value)
    return value if medium == Medium.PLAIN else _BREAKS.sub(" ", value)
