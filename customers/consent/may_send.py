"""Whether a message may go to a person at a moment, and if not, why (handbook 3 §5).

The rule in plain Python, one person at a time: what the set-based statements that freeze an audience and
hand it over are tested against. No entry in the ledger of consent means no.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import pgettext_lazy

from customers.consent.kinds import Channel, Entry, Outcome, Purpose
from shopops import clock

OPENS: Final = time(8)  # marketing goes out from 08:00:00 …
CLOSES: Final = time(22)  # … to 21:59:59 of the store's clock
DAY: Final = timedelta(hours=24)


class Reason(models.TextChoices):
    """Why a person is left out; the first that applies, in this order, is the one that is counted."""

    ERASED = "erased", pgettext_lazy("left out", "Person erased")
    BAD_ADDRESS = "bad_address", pgettext_lazy("left out", "No usable address")
    BLACKLISTED = "blacklisted", pgettext_lazy("left out", "On the block list")
    MINOR = "minor", pgettext_lazy("left out", "Under 14, no guardian's consent")
    NO_CONSENT = "no_consent", pgettext_lazy("left out", "Consent never given")
    WITHDRAWN = "withdrawn", pgettext_lazy("left out", "Consent withdrawn")
    CONSENT_EXPIRED = "consent_expired", pgettext_lazy("left out", "Consent run out")
    CAP_7D = "frequency_cap_7d", pgettext_lazy("left out", "Written to within 7 days")
    CAP_30D = "frequency_cap_30d", pgettext_lazy("left out", "Written to too often within 30 days")


class Result(models.TextChoices):
    SEND = "send", pgettext_lazy("may send", "Goes out")
    POSTPONED = "postponed", pgettext_lazy("may send", "Waits for the morning")
    EXCLUDED = "excluded", pgettext_lazy("may send", "Left out")


class Cap(NamedTuple):
    """At most ``most`` marketing messages in any ``window``, over all campaigns and channels."""

    most: int
    window: timedelta
    reason: Reason


CAPS: Final = (Cap(1, 7 * DAY, Reason.CAP_7D), Cap(4, 30 * DAY, Reason.CAP_30D))
COUNTED: Final = frozenset({Outcome.INFLIGHT, Outcome.SENT, Outcome.DELIVERED, Outcome.UNKNOWN})


@dataclass(frozen=True)
class Consent:
    """One line of the ledger; a grant without ``expires_at`` holds until it is withdrawn."""

    entry: Entry
    purpose: Purpose
    channel: Channel
    at: datetime
    expires_at: datetime | None = None


class Sent(NamedTuple):
    """A marketing message of any campaign to the person: when it was handed over, how it ended."""

    at: datetime
    outcome: Outcome


@dataclass(frozen=True)
class Recipient:
    """What the rule needs of a person; ``is_minor`` where they are under 14 and no guardian agreed."""

    consents: tuple[Consent, ...] = ()
    sent: tuple[Sent, ...] = ()
    is_erased: bool = False
    is_bad_address: bool = False
    is_blacklisted: bool = False
    is_minor: bool = False


class Verdict(NamedTuple):
    """``reason`` where the person is left out, ``until`` where the message waits."""

    result: Result
    reason: Reason | None = None
    until: datetime | None = None


def may_send(
    recipient: Recipient, *, purpose: Purpose, channel: Channel, now: datetime, caps: Iterable[Cap] = CAPS
) -> Verdict:
    """Say whether a message may be handed over ``now``, has to wait, or leaves the person out.

    Consent and caps are tested at the moment it would really go out. Service messages skip caps and hours,
    not the rest. Expects aware times; ``until`` is the store's next 08:00.
    """
    goes_at = next_open(now) if purpose == Purpose.MARKETING else now
    reason = first_reason(recipient, purpose=purpose, channel=channel, at=goes_at, caps=caps)
    if reason is not None:
        return Verdict(Result.EXCLUDED, reason=reason)
    return Verdict(Result.SEND) if goes_at == now else Verdict(Result.POSTPONED, until=goes_at)


def first_reason(
    recipient: Recipient, *, purpose: Purpose, channel: Channel, at: datetime, caps: Iterable[Cap] = CAPS
) -> Reason | None:
    """Return the first reason against a message that goes out ``at``, in the order of :class:`Reason`; None without one."""
    states = (
        (recipient.is_erased, Reason.ERASED),
        (recipient.is_bad_address, Reason.BAD_ADDRESS),
        (recipient.is_blacklisted, Reason.BLACKLISTED),
        (recipient.is_minor, Reason.MINOR),
    )
    for applies, reason in states:
        if applies:
            return reason
    if (refusal := consent_refusal(recipient.consents, purpose=purpose, channel=channel, at=at)) is not None:
        return refusal
    return cap_reached(recipient.sent, at=at, caps=caps) if purpose == Purpose.MARKETING else None


def consent_refusal(consents: Iterable[Consent], *, purpose: Purpose, channel: Channel, at: datetime) -> Reason | None:
    """Return why the ledger allows no message of this purpose and channel ``at`` a moment; None where it does.

    The latest line up to then counts; of several within one second, a withdrawal.
    """
    told = [line for line in consents if line.purpose == purpose and line.channel == channel and line.at <= at]
    if not told:
        return Reason.NO_CONSENT
    last = max(told, key=lambda line: (line.at.replace(microsecond=0), line.entry == Entry.WITHDRAW, line.at))
    if last.entry == Entry.WITHDRAW:
        return Reason.WITHDRAWN
    return Reason.CONSENT_EXPIRED if last.expires_at is not None and last.expires_at <= at else None


def cap_reached(sent: Iterable[Sent], *, at: datetime, caps: Iterable[Cap] = CAPS) -> Reason | None:
    """Return the first cap a message ``at`` would break; one sent exactly a window ago no longer counts."""
    counted = [message.at for message in sent if message.outcome in COUNTED]
    for cap in caps:
        if sum(moment > at - cap.window for moment in counted) >= cap.most:
            return cap.reason
    return None


def next_open(moment: datetime) -> datetime:
    """Return ``moment`` where it lies within the hours, else the next 08:00 of the store's clock."""
    local = clock.store_time(moment)
    if OPENS <= local.time() < CLOSES:
        return moment
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    return datetime.combine(day, OPENS, clock.store_zone())
