"""Text messages: how many parts are charged, and the text with signature, variables and the way out (handbook 3 §5.1)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import pgettext_lazy

from customers.messages.variables import Medium, render, variables_of
from shopops.money import round_half_up

OPT_OUT: Final = "拒收请回复R"
SIGNATURE_LENGTH: Final = range(2, 13)
VARIABLE_LENGTH: Final = range(1, 36)
BRACKETS: Final = frozenset("【】")  # the signature's own: a second pair would be read as another sender
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED: Final = frozenset("^{}\\[]~|€\f")  # written as two: the escape, then the character
# Pictures by default, selectors, joiners and flags; signs such as ★ or ♥ are letters to a telephone.
_EMOJI: Final = re.compile(
    "[\U0001f000-\U0001faff\U000e0020-\U000e007f\u200d\u20e3\ufe0f\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe"
    "\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3"
    "\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c"
    "\u2b50\u2b55]"
)


class Encoding(models.TextChoices):
    GSM_7 = "GSM-7", pgettext_lazy("encoding", "Latin letters")
    UCS_2 = "UCS-2", pgettext_lazy("encoding", "All characters")


class Route(models.TextChoices):
    """Whose counting holds."""

    DOMESTIC = "cn", pgettext_lazy("route", "Mainland")
    INTERNATIONAL = "intl", pgettext_lazy("route", "International")


class Problem(models.TextChoices):
    """What a text is refused for."""

    EMOJI = "emoji", pgettext_lazy("text message", "Emoji are not delivered")
    SIGNATURE_LENGTH = "signature_length", pgettext_lazy("text message", "The signature has 2 to 12 characters")
    BRACKET = "bracket", pgettext_lazy("text message", "【 and 】 stand around the signature only")
    VAR_BRACKET = "var_bracket", pgettext_lazy("text message", "A variable holds 【 or 】")
    VAR_LENGTH = "var_length", pgettext_lazy("text message", "A variable has 1 to 35 characters")
    VAR_MISSING = "var_missing", pgettext_lazy("text message", "A variable has no value")


class Fault(NamedTuple):
    """A problem, with the variable it is about where that can be told apart."""

    problem: Problem
    variable: str = ""

    def __str__(self) -> str:
        return f"{self.problem.value}:{self.variable}" if self.variable else self.problem.value


class Size(NamedTuple):
    """How long a text is in the units of its encoding, and how many parts are charged."""

    encoding: Encoding
    units: int
    segments: int


@dataclass(frozen=True)
class Composed:
    """The text one person gets; no text where there are faults, sorted by their codes."""

    text: str = ""
    size: Size | None = None
    faults: tuple[Fault, ...] = ()


def sms_segments(text: str, route: Route = Route.DOMESTIC) -> Size:
    """Return the length of a rendered text, signature and opt-out words included.

    Domestic: every character counts one; up to 70 are one part, longer texts are charged per 67 begun.
    International: GSM-7 (160, then 153) or, with one character outside of it, UTF-16 (70, then 67); the two
    halves of an escaped character or of a surrogate pair are never parted, so parts are packed, not divided.
    """
    if route == Route.DOMESTIC:
        return Size(Encoding.UCS_2, len(text), 1 if len(text) <= 70 else -(-len(text) // 67))
    if all(char in _GSM or char in _GSM_ESCAPED for char in text):
        widths = [2 if char in _GSM_ESCAPED else 1 for char in text]
        return Size(Encoding.GSM_7, sum(widths), _packed(widths, alone=160, part=153))
    widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return Size(Encoding.UCS_2, sum(widths), _packed(widths, alone=70, part=67))


def _packed(widths: Iterable[int], *, alone: int, part: int) -> int:
    widths = list(widths)
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts


def sms_compose(
    template: str,
    values: Mapping[str, str],
    *,
    signature: str,
    is_marketing: bool,
    fallbacks: Mapping[str, str] | None = None,
    route: Route = Route.DOMESTIC,
) -> Composed:
    """Put a text together: 【signature】, the approved template with its variables, the way out if it is marketing.

    A variable without a value, or with nothing but blanks, takes its fallback. Only variables of the template
    are looked at; values are put in once, so that a name like ``${code}`` stays a name.
    """
    used = {name: value for name in variables_of(template) if (value := _value(name, values, fallbacks)) is not None}
    if faults := sms_faults(template, used, signature=signature):
        return Composed(faults=faults)
    body = render(template, used, Medium.SMS)
    ending = OPT_OUT if is_marketing and not body.endswith(OPT_OUT) else ""
    text = f"【{signature}】{body}{ending}"
    return Composed(text, sms_segments(text, route))


def _value(name: str, values: Mapping[str, str], fallbacks: Mapping[str, str] | None) -> str | None:
    given = values.get(name)
    if given is not None and given.strip():
        return given.strip()
    return (fallbacks or {}).get(name, None if given is None else "")


def sms_faults(template: str, values: Mapping[str, str], *, signature: str) -> tuple[Fault, ...]:
    """Return everything a text is refused for, sorted by code: signature, template and the variables it uses."""
    used = {name: values[name] for name in variables_of(template) if name in values}
    found = {
        Fault(Problem.SIGNATURE_LENGTH): len(signature) not in SIGNATURE_LENGTH,
        Fault(Problem.EMOJI): bool(_EMOJI.search(signature + template + "".join(used.values()))),
        Fault(Problem.BRACKET): bool(BRACKETS & set(signature + template)),
        Fault(Problem.VAR_MISSING): len(used) < len(variables_of(template)),
    }
    for name, value in used.items():
        found[Fault(Problem.VAR_LENGTH, name)] = len(value) not in VARIABLE_LENGTH
        found[Fault(Problem.VAR_BRACKET, name)] = bool(BRACKETS & set(value))
    return tuple(sorted((fault for fault, applies in found.items() if applies), key=str))


def sms_cost(segments: int, price: Decimal) -> Decimal:
    """Return what ``segments`` parts (all parts of all recipients) cost at the price of one, in yuan."""
    return round_half_up(segments * price)
