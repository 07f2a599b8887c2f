"""How numbers, money, days and people are written (one place; templates, tables and exports use it).

Figures carry grouping commas in both languages, a true minus, and "–" for what is absent (never 0).
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils import formats as django_formats
from django.utils.translation import gettext, ngettext, pgettext

from shopops import clock
from shopops.words import chinese

ABSENT: Final = "–"
MINUS: Final = "\u2212"
WHOLE_DAYS: Final = 10  # from here on a span of time is told in days alone
SYMBOLS: Final = {"CNY": "¥", "GBP": "£", "USD": "$", "EUR": "€", "JPY": "¥", "HKD": "HK$"}
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _signed(text: str) -> str:
    return text.replace("-", MINUS, 1) if text.startswith("-") else text


def number(value: object, places: int = 0) -> str:
    """1,234 or 1,234.50; "–" when absent."""
    if value is None or value == "":
        return ABSENT
    quantum = Decimal(1).scaleb(-places)
    return _signed(f"{Decimal(str(value)).quantize(quantum, ROUND_HALF_UP):,f}")


def exact(value: object) -> str:
    """The value as stored, without trailing zeros: what tooltips and exports give."""
    if value is None or value == "":
        return ABSENT
    text = f"{Decimal(str(value)).normalize():,f}"
    return _signed(text)


def money(value: object) -> str:
    """98,642.50: in tables and records, where the head names the currency."""
    return number(value, 2)


def symbol(currency: str) -> str:
    return SYMBOLS.get(currency, f"{currency} " if currency else "")


def amount(value: object, currency: str = "CNY") -> str:
    """¥98,642: whole units with the currency's sign, for tiles."""
    if value is None or value == "":
        return ABSENT
    text = number(value)
    sign = symbol(currency)
    return f"{MINUS}{sign}{text[1:]}" if text.startswith(MINUS) else f"{sign}{text}"


def short(value: object) -> str:
    """431.1万, 1.2亿 in Chinese; 4.31M, 98.6k in English; whole numbers below ten thousand."""
    if value is None or value == "":
        return ABSENT
    whole = Decimal(str(value))
    steps = ((10**8, "亿", 1), (10**4, "万", 1)) if chinese() else ((10**6, "M", 2), (10**4, "k", 1))
    for size, unit, places in steps:
        if abs(whole) >= size:
            factor = 1000 if unit == "k" else size
            return f"{number(whole / factor, places)}{unit}"
    return number(whole)


def percent(value: object, places: int = 1) -> str:
    """0.2344 → 23.4 %; the sign stands without a blank in Chinese."""
    if value is None or value == "":
        return ABSENT
    return f"{number(Decimal(str(value)) * 100, places)}%"


def change(now: object, before: object) -> str:
    """▲ 8.2% or ▼ 3.0% of ``now`` against ``before``; "new" where there is no base.

    A share of a base below zero (a day of more refunds than sales) would say nothing: no words then.
    """
    if now is None or before is None:
        return ""
    base = Decimal(str(before))
    if base < 0:
        return ""
    if not base:
        return gettext("new") if Decimal(str(now)) else ""
    difference = (Decimal(str(now)) - base) / base
    mark = "▲" if difference > 0 else "▼" if difference < 0 else "="
    return f"{mark} {percent(abs(difference))}"


def day(value: date | None, *, today: date | None = None) -> str:
    """3月24日 周二 or Tue 24 Mar; the year only where it is another."""
    if value is None:
        return ABSENT
    same = value.year == (today or clock.today()).year
    if chinese():
        head = f"{value.month}月{value.day}日" if same else f"{value.year}年{value.month}月{value.day}日"
        return f"{head} 周{'一二三四五六日'[value.weekday()]}"
    tail = "" if same else f" {value.year}"
    return f"{WEEKDAYS[value.weekday()]} {value.day} {django_formats.date_format(value, 'M')}{tail}"


def weekday(value: date) -> str:
    """周二 or Tue."""
    return f"周{'一二三四五六日'[value.weekday()]}" if chinese() else WEEKDAYS[value.weekday()]


def moment(value: datetime | None) -> str:
    """3-24 14:30 in store time; today 今天 14:30; another year 2025-03-24 14:30; in tables."""
    if value is None:
        return ABSENT
    local, today = clock.store_time(value), clock.today()
    time = f"{local:%H:%M}"
    if local.date() == today:
        return gettext("today %(time)s") % {"time": time}
    if local.date() == today + timedelta(days=1):
        return gettext("tomorrow %(time)s") % {"time": time}
    if local.year == today.year:
        return f"{local.month}-{local.day} {time}"
    return f"{local:%Y-%m-%d} {time}"


def full_moment(value: datetime | None) -> str:
    """2026-03-24 14:30:09 in store time: tooltips and exports."""
    return f"{clock.store_time(value):%Y-%m-%d %H:%M:%S}" if value else ABSENT


def span(length: timedelta) -> str:
    """2 小时 05 分, 3 天 4 小时, 19 分钟; from ten days on whole days, 266 天: nobody counts hours then."""
    minutes = int(abs(length).total_seconds() // 60)
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    if days >= WHOLE_DAYS:
        return gettext("%(days)s d") % {"days": days}
    if days:
        return gettext("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    if hours:
        return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": f"{left:02d}"}
    return ngettext("%(minutes)s minute", "%(minutes)s minutes", left) % {"minutes": left}


def countdown(due: datetime | None, *, now: datetime | None = None) -> tuple[str, str]:
    """Return (words, tone) for a deadline: amber from 4 hours, red from 2 hours and after it."""
    if due is None:
        return ABSENT, ""
    left = due - (now or clock.now())
    if left < timedelta(0):
        return gettext("%(span)s over") % {"span": span(left)}, "bad"
    tone = "bad" if left <= timedelta(hours=2) else "warn" if left <= timedelta(hours=4) else ""
    return pgettext("deadline", "%(span)s left") % {"span": span(left)}, tone


def age(since: datetime | None, *, now: datetime | None = None) -> str:
    """How long ago: 2 小时 05 分前."""
    if since is None:
        return ABSENT
    return gettext("%(span)s ago") % {"span": span((now or clock.now()) - since)}


def capped(count: int, limit: int) -> str:
    """1,038, or 10,000+ where counting stopped."""
    return f"{limit:,}+" if count > limit else f"{count:,}"


def file_size(count: int) -> str:
    """812 B, 34.5 kB, 1.2 MB: of files, in steps of 1024."""
    size = Decimal(count)
    for unit in ("B", "kB"):
        if size < 1024:
            return f"{number(size, 0 if unit == 'B' else 1)} {unit}"
        size /= 1024
    return f"{number(size, 1)} MB"
