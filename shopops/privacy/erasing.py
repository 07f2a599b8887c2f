"""A person is removed from the whole store: once on request, and again after an older backup was brought back."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import transaction

from shopops import clock
from shopops.history.actor import SYSTEM, acting
from shopops.privacy import journal, suppression
from shopops.privacy.forgetting import forget
from shopops.privacy.models import Erasure, Suppression
from shopops.privacy.registry import Mark, Run, Subject, gathered, person_data
from shopops.topics import registered

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.history.actor import System


def counts(subject: Subject) -> dict[str, int]:
    """Return how many rows of each class of data are this person's: what an erasure would touch."""
    return {item.code: item.counts(subject) for item in person_data()}


def erase(subject: Subject, *, by: "User | System", key: str = "", at: datetime | None = None) -> Erasure:
    """Remove the person from every registered kind of data, and from the history; keep keyed hashes against files.

    One transaction: all or nothing. Orders, money and counts stay as they are, without the person.
    ``key`` and ``at`` are given when an erasure of the journal is done again.
    """
    now = at or clock.now()
    with acting(by):
        made = Erasure.objects.create(
            key=key or secrets.token_hex(16), at=now, replayed=bool(key), created_by=None if by is SYSTEM else by
        )
        with acting(by, source=f"erasure:{made.pk}"):
            for hold in registered("privacy", "HOLD"):  # nobody brings the person in meanwhile
                hold()  # type: ignore[operator]  # registries hold objects
            subject = gathered(subject)
            marks = marks_of(subject)
            suppression.suppress(marks, at=now, erasure=made)
            run = Run(now, by, made.pk)
            made.counts = {item.code: item.erase(subject, run) for item in person_data()}
            made.counts["history"] = forget(subject)
            made.save(update_fields=["counts"])
        transaction.on_commit(cache.clear)
        if not key:
            # Before the commit: what was erased and not written down would come back with an older backup.
            journal.append(journal.Entry(made.key, now, tuple(marks)))
    return made


def marks_of(subject: Subject) -> list[Mark]:
    """Return the keyed hashes by which this person is known from now on."""
    found = {
        (str(mark.kind), bytes(mark.digest))
        for item in person_data()
        if item.marks is not None
        for mark in item.marks(subject)
    }
    return [Mark(kind, value) for kind, value in sorted(found)]


def replay(entries: list[journal.Entry]) -> int:
    """Do erasures again that this database does not know; return how many were done. Safe to repeat."""
    known = set(Erasure.objects.values_list("key", flat=True))
    fresh = [entry for entry in entries if entry.key not in known]
    for entry in fresh:
        with acting(SYSTEM):
            found = Subject()
            for find in registered("privacy", "FIND_BY_MARKS"):
                find(entry.marks, entry.at, found)  # type: ignore[operator]  # registries hold objects
            made = erase(found, by=SYSTEM, key=entry.key, at=entry.at)
            # Also the marks of what the older backup does not hold yet.
            suppression.suppress(entry.marks, at=entry.at, erasure=made)
    return len(fresh)


def keep_known() -> int:
    """Write erasures of this database into the journal that it lacks; return how many."""
    there = {entry.key for entry in journal.entries()}
    lacking = Erasure.objects.exclude(key__in=there).order_by("pk")
    for made in lacking:
        rows = Suppression.objects.filter(erasure=made).values_list("kind", "digest")
        journal.append(journal.Entry(made.key, made.at, tuple(Mark(kind, bytes(value)) for kind, value in rows)))
    return len(lacking)
