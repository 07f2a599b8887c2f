"""Whether an address still takes mail, from what came back (handbook 3 §5.2; RFC 3463 codes)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import pgettext_lazy

SOFT_IN_A_ROW: Final = 3
_HARD: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
_CODE: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")


class Kind(models.TextChoices):
    """What a piece of news says of the address."""

    DELIVERED = "delivered", pgettext_lazy("mail event", "Delivered")
    HARD = "hard", pgettext_lazy("mail event", "No such address")
    SOFT = "soft", pgettext_lazy("mail event", "Failed this time")
    POLICY = "policy", pgettext_lazy("mail event", "Refused as unwanted mail")
    COMPLAINT = "complaint", pgettext_lazy("mail event", "Complaint")
    UNSUBSCRIBED = "unsubscribed", pgettext_lazy("mail event", "Unsubscribed")
    NOTE = "note", pgettext_lazy("mail event", "Note without consequence")


class AddressState(models.TextChoices):
    OPEN = "open", pgettext_lazy("address", "Takes mail")
    SUPPRESSED_SOFT = "suppressed_soft", pgettext_lazy("address", "Failed three times in a row")
    SUPPRESSED_HARD = "suppressed_hard", pgettext_lazy("address", "Does not exist")
    SUPPRESSED_COMPLAINT = "suppressed_complaint", pgettext_lazy("address", "Complained")


# Of one day's events the weightier first, a delivery last: so the order they came in changes nothing.
_WEIGHT: Final = (Kind.COMPLAINT, Kind.HARD, Kind.SOFT, Kind.POLICY, Kind.UNSUBSCRIBED, Kind.NOTE, Kind.DELIVERED)
_ENDS: Final = {Kind.HARD: AddressState.SUPPRESSED_HARD, Kind.COMPLAINT: AddressState.SUPPRESSED_COMPLAINT}


@dataclass(frozen=True)
class Event:
    """One piece of news; several soft ones of one campaign are one, each without a campaign is its own."""

    on: date
    kind: Kind
    campaign: int | None = None


class Bounces(NamedTuple):
    """Where an address stands, since when, and how many campaigns in a row failed softly."""

    state: AddressState
    since: date | None
    soft_in_a_row: int


def classify(action: str, status: str) -> Kind:
    """Return what a delivery report's Action and Status mean.

    A refusal for policy (5.7.x) is never the address's fault. What fails otherwise, a full box and codes nobody
    explains included, counts as soft: only a code that says "no such address" ends it at once.
    """
    if action == "delivered":
        return Kind.DELIVERED
    if action != "failed":  # delayed, relayed, expanded: not the end of it
        return Kind.NOTE
    code = status_code(status)
    if code in _HARD:
        return Kind.HARD
    return Kind.POLICY if code.startswith("5.7.") else Kind.SOFT


def judge(*texts: str, is_final: bool) -> Kind:
    """Return what a provider's failure means: a code in its texts decides, else whether it calls it final.

    What a provider calls passing stays soft whatever code it quotes, policy refusals excepted.
    """
    code = status_code(*texts)
    if code.startswith("5.7."):
        return Kind.POLICY
    if not is_final:
        return Kind.SOFT
    return Kind.HARD if not code or code.endswith(".0.0") else classify("failed", code)


def at_handover(code: int, text: str = "") -> Kind:
    """Return what a mail server's answer to one recipient means: 5xx final, 4xx to be tried again later."""
    if code < 400:
        return Kind.DELIVERED if code == 250 else Kind.NOTE
    return judge(text, is_final=True) if code >= 500 else Kind.NOTE


def status_code(*texts: str) -> str:
    """Return the first code of the form 5.1.1 in the texts that says more than "failed" (x.0.0); else any, else ""."""
    found = [".".join(code) for text in texts for code in _CODE.findall(text)]
    return next((code for code in found if not code.endswith(".0.0")), found[0] if found else "")


def bounce_state(events: Iterable[Event]) -> Bounces:
    """Return where an address stands after its events, whatever order they came in.

    Hard bounces and complaints end it at once and for good, the earlier of them counts. Soft bounces of three
    campaigns in a row end it; a delivery before that begins anew, a policy refusal changes nothing.
    """
    state, since = AddressState.OPEN, None
    failed: set[object] = set()
    for event in sorted(events, key=lambda event: (event.on, _WEIGHT.index(event.kind))):
        if event.kind in _ENDS:
            return Bounces(_ENDS[event.kind], event.on, len(failed))
        if state != AddressState.OPEN:
            continue
        if event.kind == Kind.DELIVERED:
            failed.clear()
        elif event.kind == Kind.SOFT:
            failed.add(object() if event.campaign is None else event.campaign)
            if len(failed) >= SOFT_IN_A_ROW:
                state, since = AddressState.SUPPRESSED_SOFT, event.on
    return Bounces(state, since, len(failed))
