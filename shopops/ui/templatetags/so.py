"""What every template may use."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join

from shopops import words
from shopops.ui import formats
from shopops.ui.tables import Cell
from shopops.ui.undo import act_of

register = template.Library()
# A file's name, or a time zone's: Asia/Shanghai.
_NAMES = re.compile(r"([^\s，、：「」“”]+\.(?:csv|tsv|txt|xlsx|xls|zip|gz)\b|\b[A-Z][a-z]+/[A-Z][A-Za-z_]+\b)")


@register.simple_block_tag
def capture(content: str) -> str:
    """Keep what stands inside under a name: {% capture as heading %}…{% endcapture %}."""
    return content


@register.filter
def language_tag(code: str) -> str:
    """Return a language's code as HTML wants it: zh-hans → zh-Hans."""
    first, _, script = code.partition("-")
    return f"{first}-{script.title()}" if script else first


@cache
def _sprite(_where: str) -> str:
    return static("vendor/icons.svg")


@register.simple_tag
def icon_url(name: str) -> str:
    """Return the address of one drawing of the sprite (its names stand in front/icons.txt)."""
    return f"{_sprite(settings.STATIC_URL)}#{name}"


@register.simple_tag
def icon(name: str, css: str = "") -> str:
    """Draw an icon; the word beside it says what it means."""
    return format_html(
        '<svg class="so-icon {}" width="16" height="16" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        _sprite(settings.STATIC_URL),
        name,
    )


@register.simple_tag
def goes(url: str, top: bool = False) -> str:  # noqa: FBT001, FBT002 - a template has no keyword for it
    """Return the attributes of a link that changes the list: with htmx its fragment, without the page."""
    return format_html(
        ' href="{}" hx-get="{}" hx-target="#list" hx-swap="outerHTML{}" hx-push-url="true"',
        url,
        url,
        " show:#main:top" if top else "",
    )


@register.simple_tag(takes_context=True)
def goes_form(context: dict[str, Any]) -> str:
    """Return the attributes of a form that changes the list; its fields are the whole query."""
    return format_html(' hx-get="{}" hx-target="#list" hx-swap="outerHTML" hx-push-url="true"', context["request"].path)


@register.simple_tag
def badge(value: object, label: object) -> str:
    """Draw a state: its word, colour and icon by the one table below."""
    tone, name = _KNOWN.get(str(value), ("neutral", "minus"))
    return format_html('<span class="so-badge so-{}">{}{}</span>', tone, icon(name) if name else "", label)


register.filter("act_of", act_of)
register.filter("money", formats.money)
register.filter("exact", formats.exact)
register.filter("short", formats.short)
register.filter("percent", formats.percent)
register.filter("age", formats.age)
register.filter("full_moment", formats.full_moment)
register.filter("weekday", formats.weekday)


@register.filter
def amount(value: object, currency: str = "CNY") -> str:
    return formats.amount(value, currency)


@register.filter
def listed(value: Iterable[object]) -> str:
    return words.listed(value)


@register.filter
def grouped(value: object) -> str:
    return formats.number(value)


@register.filter
def moment(value: datetime | None) -> str:
    return formats.moment(value)


@register.filter
def marks_data(text: str) -> str:
    """Mark names of files and time zones in a sentence as what they are: data that nobody translates."""
    parts = _NAMES.split(str(text))
    return format_html_join(
        "",
        "{}{}",
        (
            (before, format_html('<bdi translate="no">{}</bdi>', name) if name else "")
            for before, name in zip(parts[::2], [*parts[1::2], ""], strict=True)
        ),
    )


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


_DATA = format_html(' translate="{}"', "no")  # of a cell that holds data, not words


def _inside(cell: Cell) -> str:
    """Draw what stands in a cell. In Python, not in a template: a list has hundreds of them."""
    if cell.template:
        main: str = render_to_string(cell.template, {"row": cell.row})
    elif cell.badge:
        main = badge(cell.badge, cell.text)
    elif cell.href:
        main = format_html('<a class="so-key" href="{}">{}</a>', cell.href, cell.text)
    else:
        main = conditional_escape(cell.text)
    return format_html('{}<span class="so-second">{}</span>', main, cell.second) if cell.second else main


@register.simple_tag
def table_cells(cells: list[Cell]) -> str:
    """Draw a row's cells."""
    return format_html_join(
        "",
        '<td class="{}" title="{}"{}>{}</td>',
        ((cell.classes, cell.title, _DATA if cell.code else "", _inside(cell)) for cell in cells),
    )


@register.simple_tag
def card_parts(card: list[tuple[int, object, Cell]]) -> str:
    """Draw the parts of a phone's card."""
    return format_html_join(
        "",
        '<div class="so-card-{} {}"{}><span class="{}">{}</span>{}</div>',
        (
            (
                place,
                cell.classes,
                _DATA if cell.code else "",
                "so-card-label" if cell.labelled else "visually-hidden",
                label,
                _inside(cell),
            )
            for place, label, cell in card
        ),
    )


# State → colour and icon (docs/extending.md): one table for every badge.
BADGES = {
    "accent": {
        "paid": "package", "approved": "package", "in_wave": "progress", "packed": "package", "partly_shipped": "package-export",
        "checking": "progress", "importing": "progress", "running": "progress", "queued": "clock", "waiting": "clock",
        "agreed": "arrow-back-up", "returned": "truck", "inflight": "send", "deposit_paid": "clock", "begun": "progress", "blue": "tag", "verified": "check",
    },
    "good": {"finished": "check", "shipped": "check", "done": "check", "sent": "check", "made": "check", "active": "check", "checked": "check", "green": "tag"},
    "warn": {"unknown": "help", "held": "clock", "intercepting": "alert-circle", "open": "clock", "interrupted": "alert-circle", "restated": "alert-circle", "unpaid": "clock", "due": "clock", "amber": "tag", "asked": "clock", "broken": "alert-circle"},
    "bad": {"refused": "ban", "failed": "alert-triangle", "overdue": "alert-triangle", "missing": "alert-triangle", "red": "tag"},
    "violet": {"violet": "tag"},
    "neutral": {"closed_unpaid": "minus", "closed_deposit": "minus", "closed_refunded": "receipt-refund", "closed": "minus", "success": "receipt-refund", "cancelled": "minus", "undone": "arrow-back-up", "inactive": "minus"},
}  # fmt: skip
_KNOWN = {state: (tone, icon) for tone, states in BADGES.items() for state, icon in states.items()}


@register.filter
def badge_tone(state: str) -> str:
    return _KNOWN.get(state, ("neutral", ""))[0]


@register.filter
def badge_icon(state: str) -> str:
    return _KNOWN.get(state, ("neutral", "minus"))[1]
