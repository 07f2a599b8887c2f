"""Where a person's data lie: each topic's ``privacy.py`` lists its :class:`PersonData`, and the platform asks them all.

``PERSON = [PersonData(...)]`` tells how such data are found, counted, copied and erased; ``PERSONAL_COLUMNS``
names the columns whose former values the history must forget; ``LOOK_UP`` finds a person by what they say.
How to add one: docs/extending.md.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.db.models import Model

from shopops.topics import registered
from shopops.words import Words

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.history.actor import System

Row = Mapping[str, object]  # label → value
ROUNDS = 6  # of gathering: a buyer, their merged ones, all their orders, the refunds of these …


@dataclass
class Subject:
    """One person as the numbers of the rows that are theirs, by table."""

    rows: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def ids(self, model: "type[Model] | str") -> list[int]:
        """Return the numbers in one table, sorted."""
        return sorted(self.rows.get(_table(model), ()))

    def add(self, model: "type[Model] | str", ids: Iterable[int]) -> None:
        self.rows[_table(model)].update(ids)

    def size(self) -> int:
        return sum(map(len, self.rows.values()))


@dataclass(frozen=True)
class Mark:
    """What keeps a person from coming back: a kind of Suppression and the keyed hash."""

    kind: str
    digest: bytes


@dataclass(frozen=True)
class Run:
    """The erasure at work."""

    at: datetime
    by: "User | System"
    number: int


@dataclass(frozen=True)
class PersonData:
    """One class of data about a person.

    ``gather`` adds rows that belong to those found already and may be called several times; ``erase``
    removes the person from them in the caller's transaction and returns how many rows it changed.
    """

    code: str
    label: Words
    counts: Callable[[Subject], int]
    erase: Callable[[Subject, Run], int]
    copy: Callable[[Subject], Iterable[Row]] | None = None
    gather: Callable[[Subject], None] | None = None
    marks: Callable[[Subject], Iterable[Mark]] | None = None
    fate: Words = ""  # what becomes of it: "deleted", "kept without the person"


@dataclass(frozen=True)
class LookUp:
    """A way to find a person; ``find`` returns (what it is, subject) for each candidate, personal data masked."""

    code: str
    label: Words
    find: Callable[[str], Sequence[tuple[str, Subject]]]


def person_data() -> list[PersonData]:
    """Return every registered class of data, lowest floor first."""
    return [item for item in registered("privacy", "PERSON") if isinstance(item, PersonData)]


def look_ups() -> dict[str, LookUp]:
    """Return the ways to find a person, by code."""
    return {item.code: item for item in registered("privacy", "LOOK_UP") if isinstance(item, LookUp)}


def gathered(start: Subject) -> Subject:
    """Return the subject with everything that belongs to it."""
    for _round in range(ROUNDS):
        before = start.size()
        for item in person_data():
            if item.gather is not None:
                item.gather(start)
        if start.size() == before:
            break
    return start


def personal_columns() -> dict[str, tuple[str, ...]]:
    """Return table → the columns the history forgets."""
    found: dict[str, tuple[str, ...]] = {}
    declared = cast("Iterator[tuple[str, tuple[str, ...]]]", registered("privacy", "PERSONAL_COLUMNS"))
    for table, columns in declared:
        found[table] = (*found.get(table, ()), *columns)
    return found


def _table(model: "type[Model] | str") -> str:
    return model if isinstance(model, str) else model._meta.db_table
