"""What one report says: data status first, then the sections the topics register.

All values are plain JSON (money as decimal strings), so that a revision keeps what was known then.
Words are not kept: a report is read in the reader's language.
"""

from datetime import date, datetime
from typing import Any, Final

from django.conf import settings

from analytics.reports.models import Revision
from products.channels.models import Channel
from products.sales import sums
from shopops import clock
from shopops.dashboard.registry import sections
from shopops.exchange.models import ImportBatch

VERSION: Final = 1

Figures = dict[str, Any]


def gather(day: date, *, now: datetime, before: object | None = None) -> Figures:
    """Return the figures of one store day as they are known at ``now``.

    ``before`` is the revision they replace: the files imported since are named.
    """
    channels = list(Channel.objects.counted().filter(is_active=True).order_by("code"))
    through = {channel.code: channel.data_through.isoformat() if channel.data_through else None for channel in channels}
    shared: Figures = {"now": now}  # what sections of one report fetch for each other
    found: dict[str, list[dict[str, Any]]] = {}
    for section in sections():
        tables = section.gather(day, shared)
        if tables:
            found[section.code] = tables
    return {
        "version": VERSION,
        "day": day.isoformat(),
        "zone": settings.STORE_TIME_ZONE,
        "currency": settings.STORE_CURRENCY,
        "basis": "paid",
        "refunds": "day",
        "made_at": now.isoformat(),
        "data_through": through,
        "channels": {channel.code: channel.title for channel in channels},
        "sums": sums.told_of_days(day, day).get(day, {}),  # what it was made from: tells later whether it is outdated
        "files": _files_between(day, now, before) if before is not None else [],
        "sections": found,
    }


def _files_between(day: date, now: datetime, before: Revision) -> list[dict[str, Any]]:
    first, end = clock.day_range(day)
    rows = ImportBatch.objects.filter(
        merged_at__gt=before.made_at, merged_at__lte=now, data_from__lt=end, data_through__gte=first
    ).order_by("pk")
    return [
        {"batch": pk, "name": name, "channel": channel}
        for pk, name, channel in rows.values_list("pk", "upload__name", "channel_code")[:20]
    ]


def differ(one: Figures, other: Figures) -> bool:
    """Say whether two makings of a day say different things, what tells of the moment of making aside."""
    return _said(one) != _said(other)


def _said(figures: Figures) -> dict[str, Any]:
    live = {section.code for section in sections() if section.live}
    return {code: tables for code, tables in figures["sections"].items() if code not in live}


def changes(one: Figures, other: Figures) -> list[dict[str, Any]]:
    """Return the headline figures that differ: metric, currency, figure sent, figure now."""
    sent = {(table["currency"], row["metric"]): row["value"] for table, row in _headline(one)}
    return [
        {
            "metric": row["metric"],
            "currency": table["currency"],
            "sent": sent.get((table["currency"], row["metric"])),
            "now": row["value"],
        }
        for table, row in _headline(other)
        if sent.get((table["currency"], row["metric"])) != row["value"]
    ]


def _headline(figures: Figures) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(table, row) for table in figures["sections"].get("headline", []) for row in table["rows"]]
