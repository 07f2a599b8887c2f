"""The one clock and the store's days (handbook 6 §1): nothing else asks the machine for the time.

A store day is [00:00, 24:00) of the store's zone; with summer time it has 23 or 25 hours. Instants
are aware and come back in UTC, days are plain dates. ``zone`` is a zone or its name; without one
the store's (setting ``STORE_TIME_ZONE``) is meant.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.conf import settings

Zone: TypeAlias = ZoneInfo | str | None


def now() -> datetime:
    """Return the present instant, aware, in UTC; tests move it by ``CLOCK_SHIFT_SECONDS``."""
    return datetime.now(UTC) + timedelta(seconds=settings.CLOCK_SHIFT_SECONDS)


def store_zone() -> ZoneInfo:
    """Return the zone whose midnights divide the store's days; ``.key`` is its name for SQL."""
    return ZoneInfo(settings.STORE_TIME_ZONE)


def today(zone: Zone = None) -> date:
    """Return the store day of now."""
    return store_day(now(), zone)


def store_day(moment: datetime, zone: Zone = None) -> date:
    """Return the store day an aware instant belongs to: 2026-03-31T16:30Z is 1 April in Shanghai."""
    return store_time(moment, zone).date()


def store_time(moment: datetime, zone: Zone = None) -> datetime:
    """Return an aware instant as the store's wall clock shows it (for hours and for printing)."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no zone: a store day needs an instant.")
    return moment.astimezone(_zone(zone))


def day_range(day: date, zone: Zone = None) -> tuple[datetime, datetime]:
    """Return the instants in UTC of a store day's beginning and, no more part of it, its end."""
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def _midnight(day: date, zone: Zone) -> datetime:
    # Where midnight is skipped by summer time, fold=0 gives the instant of the change itself.
    return datetime.combine(day, time(), _zone(zone)).astimezone(UTC)


def _zone(zone: Zone) -> ZoneInfo:
    if zone is None:
        return store_zone()
    return ZoneInfo(zone) if isinstance(zone, str) else zone
