"""What people type, read strictly: one spelling means one value, everything else is refused with an example.

Files have their own, wider rules (an export writes ``￥12`` or ``45352.5``); this is for forms and the
API. Full-width digits are the one thing folded, and :class:`Typed` says so. Every function raises
:class:`Refused` with a sentence for the person who typed.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Generic, TypeVar
from zoneinfo import ZoneInfo

import phonenumbers
from django.utils.translation import gettext as _

from shopops import clock
from shopops.errors import Refused

Value = TypeVar("Value")

LARGEST_WHOLE: Final = 2**31 - 1
FIRST_YEAR, LAST_YEAR = 1990, 2099
OLDEST: Final = 120  # years
DAY_MINUTES: Final = 24 * 60
LONGEST: Final = 64  # characters of a typed number, date or phone
EMAIL_LONGEST: Final = 254  # RFC 5321
EMAIL_LOCAL_LONGEST: Final = 64
_MONEY: Final = re.compile(r"-?\d{1,18}(?:\.\d+)?", re.ASCII)
_WHOLE: Final = re.compile(r"-?\d{1,18}", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_EMAIL: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})",
    re.ASCII,
)
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９．－：／＋", "0123456789.-:/+")
_UNSEEN: Final = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u3164\u115f\u1160\u2800")
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Typed(Generic[Value]):
    """A value that was typed; ``notice`` tells what was made of its spelling, empty where nothing was."""

    value: Value
    notice: str = ""


def money(
    text: str, *, places: int = 2, least: Decimal = Decimal(0), most: Decimal = Decimal(10) ** 12
) -> Typed[Decimal]:
    """Read an amount in the currency's main unit, like ``1234.50``: no thousands mark, no sign of currency."""
    plain, notice = _folded(text)
    if not _MONEY.fullmatch(plain) or (plain.startswith("-0") and not Decimal(plain)):
        raise Refused(_("Not an amount. Write it like 1234.50, without commas or a currency sign."))
    value = Decimal(plain)
    if len(plain.partition(".")[2]) > places:
        raise Refused(_("An amount has at most %(places)s decimals here.") % {"places": places})
    if value < least:
        raise Refused(_("The amount is below %(least)s.") % {"least": f"{least:f}"})
    if value > most:
        raise Refused(_("The amount is above %(most)s.") % {"most": f"{most:f}"})
    return Typed(value, notice)


def whole(text: str, *, least: int = 0, most: int = LARGEST_WHOLE) -> Typed[int]:
    """Read a whole number, like ``12``."""
    plain, notice = _folded(text)
    if not _WHOLE.fullmatch(plain) or plain.startswith("-0"):
        raise Refused(_("Not a whole number. Write it like 12."))
    value = int(plain)
    if not least <= value <= most:
        raise Refused(_("The number is not between %(least)s and %(most)s.") % {"least": least, "most": most})
    return Typed(value, notice)


def day(text: str) -> Typed[date]:
    """Read a day, like ``2026-03-01``, of the years 1990 to 2099."""
    plain, notice = _folded(text)
    value = _day_of(plain)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Refused(_("The year is not between %(first)s and %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR})
    return Typed(value, notice)


def iso_day(text: str) -> date:
    """Read ``2026-03-01`` and nothing else (the library's own reading takes weeks and bare digits too). Raises ValueError."""
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def birthday(text: str) -> Typed[date]:
    """Read somebody's birthday: not to come, and not more than 120 years ago."""
    plain, notice = _folded(text)
    value, today = _day_of(plain), clock.today()
    if value > today:
        raise Refused(_("A birthday does not lie in the future."))
    if value.year < today.year - OLDEST:
        raise Refused(_("Nobody is older than %(years)s years.") % {"years": OLDEST})
    return Typed(value, notice)


def moment(text: str, zone: ZoneInfo) -> Typed[datetime]:
    """Read a wall-clock time of ``zone``, like ``2026-03-01 09:15``; return the instant in UTC.

    A time the clocks jumped over is refused; one they showed twice is taken as the first, and said.
    """
    plain, notice = _folded(text)
    match = _MOMENT.fullmatch(plain)
    if match is None:
        raise Refused(_("Not a time. Write it like 2026-03-01 09:15."))
    on, hour, minute, second = day(match[1]).value, int(match[2]), int(match[3]), int(match[4] or 0)
    try:
        local = datetime.combine(on, time(hour, minute, second), zone)
    except ValueError as error:
        raise Refused(_("Not a time. Write it like 2026-03-01 09:15.")) from error
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Refused(
            _("This time does not exist in %(zone)s: the clocks were put forward over it.") % {"zone": zone.key}
        )
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        notice = _("The clocks showed this time twice; the first is taken.")
    return Typed(instant, notice)


def time_of_day(text: str, *, ends: bool = False) -> Typed[timedelta]:
    """Read a time of day, like ``09:30``, as the time since midnight; ``ends`` accepts 24:00, the day's end."""
    plain, notice = _folded(text)
    match = _TIME.fullmatch(plain)
    minutes = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else -1
    if not 0 <= minutes < DAY_MINUTES + ends:
        raise Refused(_("Not a time of day. Write it like 09:30."))
    return Typed(timedelta(minutes=minutes), notice)


def phone(text: str, *, region: str = "CN") -> Typed[str]:
    """Read a phone number of any common spelling; return it as E.164, like ``+8613800138000``."""
    plain, notice = _folded(text)
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException as error:
        raise Refused(_("Not a phone number. Write it like 13800138000.")) from error
    if any(char.isalpha() for char in plain) or not phonenumbers.is_valid_number(number):
        raise Refused(_("Not a phone number. Write it like 13800138000."))
    return Typed(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), notice)


def mobile(text: str, *, region: str = "CN") -> Typed[str]:
    """Read a number that takes text messages; a landline, a service number or another region's is refused."""
    found = phone(text, region=region)
    number = phonenumbers.parse(found.value, None)
    if phonenumbers.region_code_for_number(number) != region:
        raise Refused(_("Text messages go to numbers of the mainland only."))
    if phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.MOBILE:
        raise Refused(_("Text messages do not reach a landline or a service number."))
    return found


def email(text: str) -> Typed[str]:
    """Read an e-mail address of plain spelling; return it in lower case, its domain in ASCII."""
    plain = text.strip().lower()
    if any(char in plain for char in '\r\n\x00\t ,;<>"'):
        raise _no_email()
    local, at, domain = plain.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError as error:
            raise _no_email() from error
    plain = f"{local}{at}{domain}"
    if len(plain) > EMAIL_LONGEST or len(local) > EMAIL_LOCAL_LONGEST or not _EMAIL.fullmatch(plain):
        raise _no_email()
    return Typed(plain)


def words(text: str, *, longest: int = 200, lines: bool = False) -> Typed[str]:
    """Read a text of people without what nobody sees: control, direction and zero-width characters.

    Joiners inside emoji and scripts that need them stay. A text of which nothing visible is left is refused.
    """
    kept = "".join(
        char
        for char in text
        if (char in "\n\t" and lines) or not (unicodedata.category(char) in {"Cc", "Cs"} or char in _BIDI)
    ).strip()
    if text.strip() and not any(char not in _UNSEEN and not char.isspace() for char in kept):
        raise Refused(_("Nothing visible is left of this text."))
    if len(kept) > longest:
        raise Refused(_("Longer than %(limit)s characters.") % {"limit": longest})
    return Typed(kept)


def _folded(text: str) -> tuple[str, str]:
    plain = text.strip()
    if len(plain) > LONGEST:
        raise Refused(_("Longer than %(limit)s characters.") % {"limit": LONGEST})
    folded = plain.translate(_FULL_WIDTH)
    return folded, "" if folded == plain else _("Read as %(text)s.") % {"text": folded}


def _day_of(plain: str) -> date:
    try:
        return iso_day(plain)
    except ValueError as error:
        raise Refused(_("Not a day. Write it like 2026-03-01.")) from error


def _no_email() -> Refused:
    return Refused(_("Not an e-mail address. Write it like name@example.com."))
