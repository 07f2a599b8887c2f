"""What every template may use."""

from datetime import date, datetime

from django import template

from shopops.ui import formats

register = template.Library()

register.filter("money", formats.money)
register.filter("exact", formats.exact)
register.filter("short", formats.short)
register.filter("percent", formats.percent)
register.filter("age", formats.age)
register.filter("full_moment", formats.full_moment)


@register.filter
def amount(value: object, currency: str = "CNY") -> str:
    return formats.amount(value, currency)


@register.filter
def grouped(value: object) -> str:
    return formats.number(value)


@register.filter
def moment(value: datetime | None) -> str:
    return formats.moment(value)


@register.filter
def store_day(value: date | None) -> str:
    return formats.day(value)


@register.filter
def countdown_words(value: datetime | None) -> str:
    return formats.countdown(value)[0]


@register.filter
def countdown_tone(value: datetime | None) -> str:
    return formats.countdown(value)[1]


@register.simple_tag
def change(now: object, before: object) -> str:
    """▲ 8.2% of now against before."""
    return formats.change(now, before)


# State → colour and icon (docs/extending.md): one table for every badge.
BADGES = {
    "accent": {
        "paid": "package", "approved": "package", "in_wave": "progress", "packed": "package", "partly_shipped": "package-export",
        "checking": "progress", "importing": "progress", "running": "progress", "queued": "clock", "waiting": "clock",
        "agreed": "arrow-back-up", "returned": "truck", "inflight": "send", "deposit_paid": "clock",
    },
    "good": {"finished": "check", "shipped": "check", "done": "check", "sent": "check", "made": "check", "active": "check", "checked": "check"},
    "warn": {"unknown": "help", "held": "clock", "intercepting": "alert-circle", "open": "clock", "interrupted": "alert-circle", "restated": "alert-circle", "unpaid": "clock", "due": "clock"},
    "bad": {"refused": "ban", "failed": "alert-triangle", "overdue": "alert-triangle", "missing": "alert-triangle"},
    "neutral": {"closed_unpaid": "minus", "closed_deposit": "minus", "closed_refunded": "receipt-refund", "closed": "minus", "success": "receipt-refund", "cancelled": "minus", "undone": "arrow-back-up", "inactive": "minus"},
}  # fmt: skip
_KNOWN = {state: (tone, icon) for tone, states in BADGES.items() for state, icon in states.items()}


@register.filter
def badge_tone(state: str) -> str:
    return _KNOWN.get(state, ("neutral", ""))[0]


@register.filter
def badge_icon(state: str) -> str:
    return _KNOWN.get(state, ("neutral", "minus"))[1]
