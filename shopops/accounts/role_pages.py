"""What roles may do, in the users' words: by department, told apart into seeing, doing and revealing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.access.declare import Permission
from shopops.access.field_classes import shown_by
from shopops.accounts.models import Role
from shopops.accounts.roles import DEPARTMENTS
from shopops.topics import topic_modules
from shopops.words import listed_apart

SEES, DOES, REVEALS = "sees", "does", "reveals"
WORDS: Final = {SEES: gettext_lazy("Sees"), DOES: gettext_lazy("Does"), REVEALS: gettext_lazy("Reveals")}
_REVEALING: Final = frozenset({"personal.reveal", "reveals.reasons"})  # and what shows a class of fields


def sort_of(code: str) -> str:
    """Return whether a permission lets people see, do, or reveal (or take along) what is else hidden."""
    verb = code.partition(".")[2]
    if code in _REVEALING or code in shown_by().values() or verb == "export":
        return REVEALS
    return SEES if verb == "view" else DOES


@dataclass(frozen=True)
class Line:
    """One permission, and whether each of the roles shown has it."""

    permission: Permission
    sort: str
    held: tuple[bool, ...]

    @property
    def sort_words(self) -> str:
        return str(WORDS[self.sort])

    @property
    def differs(self) -> bool:
        return len(set(self.held)) > 1


@dataclass(frozen=True)
class Group:
    """The permissions of one department's work."""

    name: str
    lines: tuple[Line, ...]


def groups(*held: Collection[str]) -> list[Group]:
    """Return every permission by department, each with whether the roles' codes ``held`` hold it."""
    names = {app: _(name) for _code, name, app in DEPARTMENTS if app}
    found: dict[str, list[Line]] = {}
    for module in topic_modules("permissions"):
        app = module.__name__.partition(".")[0]
        for item in module.PERMISSIONS:
            line = Line(item, sort_of(item.code), tuple(item.code in codes for codes in held))
            found.setdefault(names.get(app, _("The whole store")), []).append(line)
    order = [SEES, DOES, REVEALS]
    return [Group(name, tuple(sorted(lines, key=lambda line: order.index(line.sort)))) for name, lines in found.items()]


def only(every: Iterable[Group], *, differing: bool) -> list[Group]:
    """Return the lines two roles differ in, or those both have; groups without any are left out."""
    kept = [
        Group(group.name, tuple(line for line in group.lines if (line.differs if differing else all(line.held))))
        for group in every
    ]
    return [group for group in kept if group.lines]


@dataclass(frozen=True)
class Row:
    """A role on the list of roles."""

    role: Role
    people: int
    counts: dict[str, int]
    reveals: str


def rows(roles: Iterable[Role]) -> list[Row]:
    """Return the roles (with ``people`` counted) and how much each sees, does and reveals."""
    labels = {line.permission.code: str(line.permission.label) for group in groups() for line in group.lines}
    found = []
    for role in roles:
        sorts = [sort_of(code) for code in role.permissions if code in labels]
        reveals = [labels[code] for code in role.permissions if code in labels and sort_of(code) == REVEALS]
        counts = {sort: sorts.count(sort) for sort in WORDS}
        found.append(Row(role, role.people, counts, listed_apart(reveals)))  # type: ignore[attr-defined]  # annotated
    return found
