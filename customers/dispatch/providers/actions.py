"""What we do when a provider answers with a code: one list of actions for all of them (handbook 3 §5.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

from customers.consent.may_send import next_open
from shopops import clock


class Action(models.TextChoices):
    """What follows from a code.

    RETRY and HOLD leave the message waiting, at once or until a moment; REJECT ends this message alone; BAD_NUMBER
    and SUPPRESS end the number or the person's text messages too, OFF_SERVICE the number only after three within
    30 days. PAUSE_CAMPAIGN waits for a person, STOP_CAMPAIGN and STOP_ALL for a mended cause. UNKNOWN is never
    tried again by itself: it may have gone out.
    """

    ACCEPT = "accept", pgettext_lazy("provider", "Accepted")
    RETRY = "retry", pgettext_lazy("provider", "Try again soon")
    HOLD = "hold", pgettext_lazy("provider", "Hold for a while")
    REJECT = "reject", pgettext_lazy("provider", "Skip this message")
    BAD_NUMBER = "bad_number", pgettext_lazy("provider", "Mark the number as wrong")
    OFF_SERVICE = "off_service", pgettext_lazy("provider", "Number out of service, wrong after three times")
    SUPPRESS = "suppress", pgettext_lazy("provider", "No more text messages to this person")
    PAUSE_CAMPAIGN = "pause_campaign", pgettext_lazy("provider", "Pause the campaign")
    STOP_CAMPAIGN = "stop_campaign", pgettext_lazy("provider", "Stop the campaign")
    STOP_ALL = "stop_all", pgettext_lazy("provider", "Stop all sending")
    UNKNOWN = "unknown", pgettext_lazy("provider", "Not known, ask the provider")


class Wait(models.TextChoices):
    """How long a held message waits."""

    HALF_MINUTE = "half_minute", pgettext_lazy("wait", "Half a minute")
    MINUTE = "minute", pgettext_lazy("wait", "A minute")
    NEXT_HOUR = "next_hour", pgettext_lazy("wait", "To the next hour")
    DAY = "day", pgettext_lazy("wait", "24 hours")
    NEXT_MORNING = "next_morning", pgettext_lazy("wait", "To the next morning")


@dataclass(frozen=True)
class Answer:
    """An action; ``wait`` with HOLD only."""

    action: Action
    wait: Wait | None = None

    def until(self, now: datetime) -> datetime | None:
        """Return when a held message may be tried again; None for everything else."""
        return None if self.wait is None else held_until(self.wait, now)


_SPANS: Final = {
    Wait.HALF_MINUTE: timedelta(seconds=30),
    Wait.MINUTE: timedelta(minutes=1),
    Wait.DAY: timedelta(hours=24),
}


def held_until(wait: Wait, now: datetime) -> datetime:
    """Return when the wait is over. The hour is the store clock's; the morning is the next one marketing may go out.

    A provider that calls our morning night has a slower clock: a minute, not a day.
    """
    if wait == Wait.NEXT_MORNING:
        return _morning(now)
    if wait == Wait.NEXT_HOUR:
        return clock.store_time(now).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return now + _SPANS[wait]


def _morning(now: datetime) -> datetime:
    local = clock.store_time(now)
    if next_open(now) > now:
        return next_open(now)
    if local.hour < 12:
        return now + _SPANS[Wait.MINUTE]
    return next_open(local.replace(hour=23))
