"""Finding names, titles and memos that contain a text, by an index that finds two-character names too.

``so_pieces`` (a function of the database, made by a migration) cuts a text into its two-character
pieces; a GIN index over them answers "contains". Pieces may come from different places of a text,
so every hit is checked against the text itself. There are but a hundred pairs of digits: where a
field's texts hold numbers, a second index over four digits in a row (``so_digits``) finds those.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import StrIndex
from django.db.models.lookups import Exact

from shopops.access.declare import may

if TYPE_CHECKING:
    from shopops.accounts.models import User

LONGEST: Final = 100  # characters of a search text that count
PLAIN_SQL: Final = """
CREATE OR REPLACE FUNCTION so_plain(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURNS NULL ON NULL INPUT
RETURN lower(normalize(left(value, 2000), NFKC))
"""
PIECES_SQL: Final = """
CREATE OR REPLACE FUNCTION so_pieces(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURNS NULL ON NULL INPUT
RETURN (
    SELECT coalesce(array_agg(DISTINCT pair), '{}') FROM (
        SELECT letter || lead(letter) OVER () AS pair
        FROM unnest(string_to_array(' ' || lower(normalize(left(value, 2000), NFKC)), NULL)) AS letter
    ) t WHERE pair IS NOT NULL
)
"""
DIGITS_SQL: Final = """
CREATE OR REPLACE FUNCTION so_digits(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURNS NULL ON NULL INPUT
RETURN (
    SELECT coalesce(array_agg(DISTINCT substr(run[1], place, 4)), '{}')
    FROM regexp_matches(lower(normalize(left(value, 2000), NFKC)), '[0-9]{4,}', 'g') AS run,
         generate_series(1, length(run[1]) - 3) AS place
)
"""


class Pieces(Func):
    """The two-character pieces of a text, as the index holds them."""

    function = "so_pieces"
    arity = 1
    output_field = ArrayField(TextField())


class Digits(Func):
    """Each four digits in a row of a text, as the index holds them."""

    function = "so_digits"
    arity = 1
    output_field = ArrayField(TextField())


class Plain(Func):
    """A text in one width and lower case, as it is compared."""

    function = "so_plain"
    arity = 1
    output_field = TextField()


def searched(text: str) -> str:
    """Return what is searched for: one width, lower case, only printable characters, at most LONGEST."""
    plain = unicodedata.normalize("NFKC", text[: LONGEST * 4])
    return "".join(char for char in plain if char.isprintable()).strip().lower()[:LONGEST]


def typed(text: str) -> str:
    """Return a number or account as it was typed, without what cannot be seen; at most LONGEST characters."""
    return "".join(char for char in text[: LONGEST * 4] if char.isprintable()).strip()[:LONGEST]


def pieces_of(text: str) -> list[str]:
    """Return the pieces a text that contains ``text`` must have; of one character, that of a text beginning so."""
    if len(text) == 1:
        return [f" {text}"]
    return sorted({text[index : index + 2] for index in range(len(text) - 1)})


def digits_of(text: str) -> list[str]:
    """Return each four digits in a row that a text which contains ``text`` must have."""
    runs = re.findall("[0-9]{4,}", text)
    return sorted({run[index : index + 4] for run in runs for index in range(len(run) - 3)})


def containing(
    queryset: QuerySet[Any], field: str, text: str, *also: Q, digits: bool = False, whole: bool = False
) -> QuerySet[Any]:
    """Return the rows whose ``field`` contains ``text`` (of :func:`searched`), or begins with a single character.

    ``also`` repeats the condition of a partial index; ``digits`` says that the field has the index of
    :class:`Digits` too. ``whole``: the field is the text, nothing less. Nothing fits an empty text.
    """
    if not text:
        return queryset.none()
    if whole:
        also = (*also, Exact(Plain(field), Value(text, output_field=TextField())))  # type: ignore[assignment]  # a lookup is a condition like Q
    place = StrIndex(Plain(field), Value(text, output_field=TextField()))
    hits = queryset.filter(*also).alias(so_pieces=Pieces(field), so_place=place)
    bound = {"so_place": 1} if len(text) == 1 else {"so_place__gt": 0}
    if digits and (numbers := digits_of(text)):
        return hits.alias(so_digits=Digits(field)).filter(so_digits__contains=numbers, **bound)
    return hits.filter(so_pieces__contains=pieces_of(text), **bound)


def knows_parts(user: "User | None") -> bool:
    """Say whether this person finds names by a part of them: who sees masks would spell them out, piece by piece.

    Who may not uncover names finds them whole; None is the program itself.
    """
    return user is None or may(user, "personal.reveal")


def any_of(first: QuerySet[Any], *more: QuerySet[Any]) -> QuerySet[Any]:
    """Return the ids of all these querysets, each of one column, for ``pk__in``.

    One set, not conditions joined by OR: PostgreSQL walks a whole table to try it against several sets.
    """
    return first.union(*more) if more else first


def one_of(ids: Iterable[int]) -> RawSQL:
    """Return ids that were found already, for ``pk__in``: one value of the statement, however many they are."""
    return RawSQL("SELECT unnest(%s::bigint[])", ["{" + ",".join(map(str, ids)) + "}"])
