"""What topics put on the manager's dashboard, on department homes and into the nightly report.

A topic's ``panels.py`` may hold three lists: ``PANELS`` (cards of a page), ``NEEDS`` (what waits for
somebody) and ``SECTIONS`` (tables of the nightly report). The platform arranges and renders them and
names no department. How to add one: docs/extending.md.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

from shopops.dashboard.board import Board
from shopops.topics import registered
from shopops.words import Words

DASHBOARD: Final = "dashboard"
HOME: Final = "home"


@dataclass(frozen=True)
class Panel:
    """One card. ``render`` gives its HTML, or "" when there is nothing to show.

    ``department`` is the code of the department whose home shows it; ``place`` says on which pages
    (DASHBOARD, HOME) it stands; ``position`` orders them; ``columns`` of 12 is its width on a desktop.
    """

    code: str
    title: Words
    permission: str
    department: str
    place: tuple[str, ...]
    position: int
    render: Callable[[Board], str]
    columns: Literal[3, 4, 5, 6, 7, 8, 12] = 6


@dataclass(frozen=True)
class Need:
    """Something that waits for a person: one line under "Needs you"."""

    code: str
    sentence: str  # translated: what is wrong and what follows from it
    count: int
    since: datetime | None  # the oldest
    role: str  # code of the role that answers for it
    url: str  # the list of exactly these
    level: Literal["bad", "warn"] = "warn"


@dataclass(frozen=True)
class Needs:
    """A source of needs; ``find`` looks only at indexes and roll-ups."""

    permission: str
    find: Callable[[Board], Iterable[Need]]


Kind = Literal[
    "text",
    "word",
    "sentence",
    "metric",
    "figure",
    "money",
    "count",
    "decimal",
    "rate",
    "change",
    "points",
    "effect",
    "moment",
    "day",
    "list",
]


@dataclass(frozen=True)
class Column:
    """One column of a report's table.

    Kinds of cells: ``word`` a code of the section's ``names``, ``sentence`` one with the row's other
    values put in; ``metric`` a metric's code, shown by its name; ``figure`` a value of the row's metric; ``money`` and ``effect`` (signed)
    decimal strings; ``rate`` a share of 1; ``change`` a ratio − 1 shown as ▲ 3.2%; ``points`` a
    difference of two rates; ``moment`` an ISO instant; ``list`` short texts.
    """

    key: str
    label: Words
    kind: Kind = "text"
    strong: bool = False


@dataclass(frozen=True)
class Section:
    """One section of the nightly report.

    ``gather`` returns the rows as plain JSON (money as decimal strings), one list per table, or None
    when the topic has no data: the section is then left out. A row with ``"total": true`` is a sum.
    """

    code: str
    title: Words
    position: int
    columns: Sequence[Column]
    gather: "Callable[[date, dict[str, Any]], list[Table] | None]"
    note: Words = ""
    chart: str = ""  # key of the column the workbook draws
    names: dict[str, Words] = field(default_factory=dict)  # words of codes: tables' names, "word" and "sentence" cells
    rows_of: Callable[[date, dict[str, Any], str], tuple[str, str]] | None = None  # (metric, address) behind a cell
    live: bool = False  # tells of the moment of making, not of the day: no reason for a new revision


Table = dict[str, Any]  # {"name": code | "", "currency": "CNY" | "", "rows": [{column key: value}]}


def panels(place: str, user: object, department: str = "") -> list[Panel]:
    """Return the panels ``user`` may see on a page, in order."""
    found = [
        panel
        for panel in registered("panels", "PANELS")
        if isinstance(panel, Panel)
        and place in panel.place
        and (not department or panel.department == department)
        and user.has_perm(panel.permission)
    ]
    return sorted(found, key=lambda panel: (panel.position, panel.code))


def sections() -> list[Section]:
    """Return the sections of the nightly report in order."""
    found = [section for section in registered("panels", "SECTIONS") if isinstance(section, Section)]
    return sorted(found, key=lambda section: (section.position, section.code))


def needs(board: Board) -> list[Need]:
    """Return what waits for somebody, the broken first, then the oldest."""
    found = [
        need
        for source in registered("panels", "NEEDS")
        if isinstance(source, Needs) and board.user.has_perm(source.permission)
        for need in source.find(board)
        if need.count
    ]
    return sorted(found, key=lambda need: (need.level != "bad", need.since or board.now, need.code))
