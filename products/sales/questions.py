"""What one asks of the sales figures: which days, split how, by which rules. Checked once, for command, API and pages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from products.channels.models import Channel
from shopops.errors import Refused
from shopops.typed import iso_day

BY: Final = ("day", "week", "month", "weekday", "hour", "channel", "sku", "province")
BASES: Final = ("paid", "created")
REFUNDS: Final = ("day", "order")
WINDOW: Final = 365  # days in which buyers come back
LONGEST: Final = 20 * 366  # days asked for at once


class BadQuestion(Refused):
    """A question that cannot be answered as it stands."""


@dataclass(frozen=True)
class Question:
    """Store days ``first`` to ``last``, both inclusive. ``by`` None: one total. Raises BadQuestion when it contradicts itself."""

    first: date
    last: date
    by: str | None = None
    channels: tuple[Channel, ...] = ()
    basis: str = "paid"
    refunds: str = "day"
    window: int = WINDOW

    def __post_init__(self) -> None:
        one_of(self.by or "day", BY, "by")
        one_of(self.basis, BASES, "basis")
        one_of(self.refunds, REFUNDS, "refunds")
        if self.first > self.last:
            raise BadQuestion(_("The last day lies before the first."))
        if self.length > LONGEST:
            raise BadQuestion(_("Ask for %(days)s days at most.") % {"days": LONGEST})
        if not 1 <= self.window <= LONGEST:
            raise BadQuestion(_("The window has 1 to %(days)s days.") % {"days": LONGEST})
        if self.by == "sku" and self.basis != "paid":
            raise BadQuestion(_("Items are counted by payment only."))

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.length)]


def one_of(value: str, allowed: Sequence[str], name: str) -> str:
    """Return ``value``. Raises BadQuestion where it is not ``allowed``."""
    if value not in allowed:
        raise BadQuestion(
            _("%(name)s: “%(value)s” is none of %(allowed)s.")
            % {"name": name, "value": value[:40], "allowed": ", ".join(allowed)}
        )
    return value


def day(text: str, name: str) -> date:
    """Read a day as 2026-03-24. Raises BadQuestion."""
    try:
        found = iso_day(text)
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 2200:
        raise BadQuestion(_("%(name)s: “%(value)s” is no day like 2026-03-24.") % {"name": name, "value": text[:40]})
    return found


def channels(codes: Sequence[str], *, among: Collection[int] | None = None) -> tuple[Channel, ...]:
    """Return the channels of these codes; those whose figures count when none is named. Raises BadQuestion.

    ``among``: the ids of those the asker sees (None: all); others do not exist for them.
    """
    seen = Channel.objects.filter(code__in=codes) if codes else Channel.objects.counted()
    if among is not None:
        seen = seen.filter(pk__in=sorted(among))
    found = tuple(seen.order_by("code"))
    if missing := sorted(set(codes) - {channel.code for channel in found}):
        raise BadQuestion(_("There is no channel “%(code)s”.") % {"code": missing[0][:40]})
    return found
