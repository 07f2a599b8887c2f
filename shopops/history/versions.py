"""Two people at one record: what a form was read at, and who changed which of its fields since.

The version of a record is the number of the latest row of its history; a form carries it from the page
it was read on to the save. Read the version before the record (:func:`seen`): a change between the two
reads is then told once too often, never overwritten.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from django.db.models import Field, Model, Q, QuerySet
from django.utils.translation import gettext as _

from shopops.errors import Refused
from shopops.history.models import Change

if TYPE_CHECKING:
    from shopops.accounts.models import User

WRITES: Final = ("insert", "update", "delete")  # what was looked at or taken along changes nothing
M = TypeVar("M", bound=Model)


class Links(NamedTuple):
    """A set kept in rows of another table: the roles of a person."""

    model: type[Model]
    of: str  # the column that names the record
    to: str  # the column that names the member
    members: type[Model]


@dataclass(frozen=True)
class Clash:
    """A field of the form that somebody changed since it was read."""

    field: str
    label: str
    before: Any  # as the form was read (of the history: numbers and times as JSON has them)
    theirs: Any  # as it stands now
    mine: Any  # as the form would write it
    actor: "User | None"  # None: the program
    at: datetime
    source: str

    @property
    def is_mine(self) -> bool:
        """Whether this form changes the field too."""
        return not _same(self.mine, self.before)


class Conflict(Refused):
    """Somebody else saved the record since it was read; nothing was written."""

    def __init__(self, clashes: list[Clash], version: int, model: type[Model]) -> None:
        self.clashes, self.version, self.model = clashes, version, model
        super().__init__(_("Somebody else saved this meanwhile. Nothing of yours is lost: choose for each field."))


def version_of(
    record: Model | type[Model] | None, pk: int | None = None, *, links: Mapping[str, Links] | None = None
) -> int:
    """Return the number of the record's latest change, 0 when it has none (or there is no record yet)."""
    if record is None:
        return 0
    pk = record.pk if isinstance(record, Model) and pk is None else pk
    numbers = [_written(Q(table_name=record._meta.db_table, row_id=pk)).values_list("pk", flat=True).first()]
    numbers += [_of_links(link, pk, 0).values_list("pk", flat=True).first() for link in (links or {}).values()]
    return max((number for number in numbers if number), default=0)


def seen(rows: "QuerySet[M]", *, links: Mapping[str, Links] | None = None) -> "tuple[M | None, int]":
    """Return the one record of ``rows`` (None: there is none) and the version a form on it must carry."""
    pk = rows.values_list("pk", flat=True).first()
    version = version_of(rows.model, pk, links=links) if pk is not None else 0
    return rows.first(), version


def checked(
    record: Model,
    sent: int,
    *,
    values: Mapping[str, Any] | None = None,
    links: Mapping[str, tuple[Links, Iterable[Any]]] | None = None,
) -> None:
    """Let a save go on, or raise Conflict with what others changed since ``sent``.

    ``record`` is locked and freshly read. ``values`` is what the save would write, by field: changes of other
    fields do not matter, nor does a field that already stands as wanted (a second click). Without
    ``values`` any change matters. ``links``: sets, as name → (links, the wanted members' keys).
    """
    latest = version_of(record, links={name: link for name, (link, _keys) in (links or {}).items()})
    if latest == sent:
        return
    if sent > latest:  # nobody was ever given such a version: it was read before any change
        sent = 0
    since = list(_written(Q(table_name=record._meta.db_table, row_id=record.pk, pk__gt=sent)).select_related("actor"))
    since.reverse()
    clashes = [clash for field, mine in _wanted(record, values) if (clash := _clash(record, field, mine, since))]
    for name, (link, wanted) in (links or {}).items():
        clashes += _link_clashes(record, name, link, {getattr(item, "pk", item) for item in wanted}, sent)
    clashes = [clash for clash in clashes if values is None or not _same(clash.mine, clash.theirs)]
    if clashes:
        raise Conflict(clashes, latest, type(record))


def gone(model: type[Model], sent: int, *, values: Mapping[str, Any], key: Mapping[str, Any]) -> None:
    """Let a save make a record anew, or raise Conflict where the one the form was read from was deleted since.

    ``key`` names it by columns of the deleted row, as its history tells them.
    """
    if not sent:
        return
    matching = Q(table_name=model._meta.db_table, op="delete", pk__gt=sent)
    found = _written(matching & Q(**{f"changes__{name}": value for name, value in key.items()})).first()
    if found is None:
        return
    last = (found.actor, found.at, found.source)
    clashes = [
        Clash(name, _label(model, name), found.changes.get(name), None, mine, *last) for name, mine in values.items()
    ]
    if any(not _same(clash.mine, "") and not _same(clash.mine, None) for clash in clashes):
        raise Conflict(clashes, 0, model)


def _written(which: Q) -> "QuerySet[Change]":
    return Change.objects.filter(which, op__in=WRITES).order_by("-pk")


def _of_links(link: Links, pk: int | None, since: int) -> "QuerySet[Change]":
    named = Q(op__in=("insert", "delete"), **{f"changes__{link.of}": pk})
    return _written(Q(table_name=link.model._meta.db_table, pk__gt=since) & named)


def _wanted(record: Model, values: Mapping[str, Any] | None) -> "Iterator[tuple[Field[Any, Any], Any]]":
    """Yield the fields that matter with the value wanted, in the order of the model."""
    for field in record._meta.concrete_fields:
        if values is None:
            yield field, None
        elif field.name in values or field.attname in values:
            mine = values.get(field.name, values.get(field.attname))
            yield field, mine.pk if isinstance(mine, Model) else mine


def _clash(record: Model, field: "Field[Any, Any]", mine: Any, since: list[Change]) -> Clash | None:
    found = [(item, item.changes[field.column]) for item in since if field.column in item.changes]
    if not found:
        return None
    (_first, first), (last, _now) = found[0], found[-1]
    before = first[0] if found[0][0].op == "update" else None
    theirs = getattr(record, field.attname)
    return Clash(field.name, str(field.verbose_name), before, theirs, mine, last.actor, last.at, last.source)


def _link_clashes(record: Model, name: str, link: Links, mine: set[Any], sent: int) -> list[Clash]:
    since = list(_of_links(link, record.pk, sent).select_related("actor"))
    if not since:
        return []
    rows = link.model._default_manager.filter(**{link.of: record.pk})
    theirs = set(rows.values_list(link.to, flat=True))
    before = set(theirs)
    for item in since:  # newest first: walk back to what the form was read at
        member = item.changes[link.to]
        (before.discard if item.op == "insert" else before.add)(member)
    names = {row.pk: str(row) for row in link.members._default_manager.filter(pk__in=mine | theirs | before)}
    was, stands, wanted = (sorted(names.get(key, str(key)) for key in keys) for keys in (before, theirs, mine))
    last = since[0]
    return [Clash(name, _label(type(record), name), was, stands, wanted, last.actor, last.at, last.source)]


def _label(model: type[Model], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def _same(one: Any, other: Any) -> bool:
    """Compare a value of Python with one of the history: 129.0000 is 129, a time its text."""
    if one == other or (one in (None, "") and other in (None, "")):
        return True
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return False
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except ArithmeticError:
        return str(one) == str(other)
