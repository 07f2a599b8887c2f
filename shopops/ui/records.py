"""Where a record stands and who may see it: topics register ``RECORDS``, ``PARTS``, ``SOURCES`` in ``records.py``.

Histories, comments, approvals, notifications and the access log name a row by table and number; this
leads from there to its page, its title and the right to see it, without knowing the department.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.urls import reverse

from shopops.access.declare import may
from shopops.topics import registered
from shopops.words import Words

if TYPE_CHECKING:
    from shopops.accounts.models import User

Where = type[Model] | Model | str
Key = tuple[str, int]  # table and number


@dataclass(frozen=True)
class RecordKind:
    """A table whose rows have a page: its address, who may see which rows, how a row is called."""

    model: type[Model]
    url_name: str
    permission: str
    visible_to: Callable[["User"], QuerySet[Any]] | None = None  # None: ``model.objects.visible_to(user)``
    title: Callable[[Any], str] = str
    url_field: str = "pk"  # what of the row stands in its address
    url_kwarg: str = "pk"  # as what; "": the page names no row
    source: str = ""  # the word before its number in ``Change.source``: "import"
    source_words: Words = ""  # how such a source reads: "import #%(number)s"
    related: tuple[str, ...] = ()  # what ``title`` reads of other tables

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def rows(self, user: "User") -> QuerySet[Any]:
        """Return the rows this person may see: none without the permission of the page."""
        manager: Any = self.model._default_manager
        if not may(user, self.permission):
            return manager.none()  # type: ignore[no-any-return]  # a manager's own type is lost in a registry
        rows = self.visible_to(user) if self.visible_to else manager.visible_to(user)
        return rows.select_related(*self.related) if self.related else rows

    def url(self, value: object) -> str:
        """Return the address for what ``url_field`` holds."""
        return reverse(self.url_name, kwargs={self.url_kwarg: value} if self.url_kwarg else {})


@dataclass(frozen=True)
class Part:
    """A table whose rows are shown on another record's page: an order's lines, its contact data."""

    model: type[Model]
    whole: type[Model]
    key: str  # the column that names the whole: "order_id"
    is_record: bool = False  # has a page of its own too: a refund, told on its order's page


@dataclass(frozen=True)
class Source:
    """What stands behind changes besides records: "undo-bulk:7". In ``records.py``: ``SOURCES``."""

    word: str
    words: Words  # "undoing of bulk act #%(number)s"
    model: type[Model] | None = None  # whose record has that number, where there is one


class Shown(NamedTuple):
    """A record as a link: what it is, its title, its address."""

    kind: str
    title: str
    url: str


@cache
def kinds() -> dict[str, RecordKind]:
    """Return every registered kind by table."""
    return {item.table: item for item in registered("records", "RECORDS") if isinstance(item, RecordKind)}


@cache
def _parts() -> tuple[Part, ...]:
    return tuple(item for item in registered("records", "PARTS") if isinstance(item, Part))


@cache
def parts() -> dict[str, Part]:
    """Return by table every registered part without a page of its own."""
    return {item.model._meta.db_table: item for item in _parts() if not item.is_record}


@cache
def named_by_row() -> frozenset[str]:
    """Return the tables whose rows name their record themselves, by ``table_name`` and ``row_id``."""
    tables = (item for item in registered("records", "OF_ANY_RECORD") if isinstance(item, type))
    return frozenset(model._meta.db_table for model in tables)


def parts_of(table: str) -> list[Part]:
    """Return the parts whose changes are told on the pages of this table's records."""
    return [item for item in _parts() if item.whole._meta.db_table == table]


@cache
def _models() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for model in apps.get_models()}


def table_of(where: Where) -> str:
    """Return the table of a model, a record or a table's name."""
    return where if isinstance(where, str) else where._meta.db_table


def words_of(where: Where) -> str:
    """Return what people call a row of this table: "order"; the table's name where it has none."""
    model = _models().get(table_of(where))
    return str(model._meta.verbose_name) if model else table_of(where)


def kind_of(where: Where) -> RecordKind | None:
    """Return the kind whose page shows rows of this table, that of the whole for a part."""
    table = table_of(where)
    while (part := parts().get(table)) is not None:
        table = part.whole._meta.db_table
    return kinds().get(table)


def leads_to_a_page(where: Where) -> bool:
    """Say whether rows of this table stand on some record's page."""
    table = table_of(where)
    while (part := parts().get(table)) is not None:
        table = part.whole._meta.db_table
    return table in named_by_row() or table in kinds()


def whole_of(where: Where, pk: int) -> Key | None:
    """Return table and number of the record whose page shows this row; one query for a part."""
    return wholes([(table_of(where), pk)]).get((table_of(where), pk))


def wholes(keys: Iterable[Key]) -> dict[Key, Key]:
    """Return each row's record, itself or the whole it belongs to; one query for each table of parts."""
    lead = {key: key for key in keys}
    while True:
        below = {at for at in lead.values() if at[0] not in kinds()}
        if not below:
            return lead
        above = _above(below)
        lead = {key: above.get(at, at) for key, at in lead.items() if at not in below or at in above}


def _above(keys: set[Key]) -> dict[Key, Key]:
    """Return what these parts belong to, one step up."""
    of_table: dict[str, list[int]] = defaultdict(list)
    for table, pk in keys:
        of_table[table].append(pk)
    found: dict[Key, Key] = {}
    for table, pks in of_table.items():
        part = parts().get(table)
        if part is None and table not in named_by_row():
            continue
        manager: Any = _models()[table]._default_manager
        rows = manager.filter(pk__in=pks)
        if part is not None:
            whole = part.whole._meta.db_table
            found |= {(table, pk): (whole, up) for pk, up in rows.values_list("pk", part.key) if up is not None}
        else:
            found |= {(table, pk): (where, row) for pk, where, row in rows.values_list("pk", "table_name", "row_id")}
    return found


def url_of(where: Where, pk: int | None = None) -> str:
    """Return the address of a record's page, "" where its table has none. Says nothing about who may see it."""
    if isinstance(where, Model) and pk is None:
        pk = where.pk
    whole = _itself_or_whole(table_of(where), pk)
    if whole is None:
        return ""
    kind = kinds()[whole[0]]
    if kind.url_field == "pk":
        return kind.url(whole[1])
    if isinstance(where, kind.model):
        return kind.url(getattr(where, kind.url_field))
    manager: Any = kind.model._default_manager
    value = manager.filter(pk=whole[1]).values_list(kind.url_field, flat=True).first()
    return kind.url(value) if value is not None else ""


def _itself_or_whole(table: str, pk: int | None) -> Key | None:
    if pk is None:
        return None
    return (table, pk) if table in kinds() else whole_of(table, pk)


def may_see(user: "User", where: Where, pk: int | None = None) -> bool:
    """Say whether this person may open the record's page: its permission and its rows. One query, two for a part."""
    return found(user, where, pk) is not None


def found(user: "User", where: Where, pk: int | None = None) -> Model | None:
    """Return the record (the whole for a part), None where it does not exist or this person may not see it."""
    if isinstance(where, Model) and pk is None:
        pk = where.pk
    whole = _itself_or_whole(table_of(where), pk)
    if whole is None or not may(user, kinds()[whole[0]].permission):
        return None
    return kinds()[whole[0]].rows(user).filter(pk=whole[1]).first()  # type: ignore[no-any-return]  # as above: rows of any model


def who_may_see(people: Iterable["User"], where: Where, pk: int | None = None) -> list["User"]:
    """Return those of these people who may open the record's page; one statement however many they are.

    Fetch them ``with_permissions()``, or each asks for its own rights. Nobody where there is no page.
    """
    if isinstance(where, Model) and pk is None:
        pk = where.pk
    whole, sqls = _itself_or_whole(table_of(where), pk), {}
    if whole is None:
        return []
    kind = kinds()[whole[0]]
    statements: dict[tuple[str, tuple[Any, ...]], int] = {}
    every = list(people)
    for person in every:
        if not may(person, kind.permission):
            continue
        try:
            rows = kind.rows(person).filter(pk=whole[1]).order_by().values("pk")[:1]
            sql, values = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        sqls[person.pk] = statements.setdefault((sql, tuple(values)), len(statements))
    if not statements:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(f'EXISTS ({sql})' for sql, _values in statements)}",
            [value for _sql, values in statements for value in values],
        )
        answers = cursor.fetchone()
    return [person for person in every if person.pk in sqls and answers[sqls[person.pk]]]


def title_of(record: Model) -> str:
    """Return how pages call this record."""
    kind = kinds().get(record._meta.db_table)
    return kind.title(record) if kind else str(record)


def shown(user: "User", keys: Iterable[Key]) -> dict[Key, Shown]:
    """Return the links this person may follow from these rows; two queries at most for each table.

    Rows that are gone, have no page or may not be seen are left out.
    """
    lead = wholes(keys)
    wanted: dict[str, set[int]] = defaultdict(set)
    for table, pk in lead.values():
        wanted[table].add(pk)
    links: dict[Key, Shown] = {}
    for table, pks in wanted.items():
        kind = kinds()[table]
        for record in kind.rows(user).filter(pk__in=pks):
            url = kind.url(getattr(record, kind.url_field))
            links[table, record.pk] = Shown(words_of(table), kind.title(record), url)
    return {key: links[whole] for key, whole in lead.items() if whole in links}


@cache
def _sources() -> dict[str, Source]:
    return {item.word: item for item in registered("records", "SOURCES") if isinstance(item, Source)}


def source_words(text: str) -> tuple[str, tuple[RecordKind, int] | None]:
    """Return how a change's source reads, and the record that stands behind it; "" where people need not know."""
    word, _colon, number = text.partition(":")
    if (found := of_source(text)) is not None:
        return str(found[0].source_words) % {"number": number}, found
    source = _sources().get(word)
    if source is None:
        return "", None
    behind = (kinds()[source.model._meta.db_table], int(number)) if source.model and number.isdigit() else None
    return str(source.words) % {"number": number}, behind


def of_source(text: str) -> tuple[RecordKind, int] | None:
    """Return the record a change's source names: "import:12" → that import."""
    word, _colon, number = text.partition(":")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    kind = next((item for item in kinds().values() if item.source == word), None)
    return (kind, int(number)) if kind else None
