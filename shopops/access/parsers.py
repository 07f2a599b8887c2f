"""What the API reads: JSON that means one thing only."""

import json
from collections.abc import Iterable, Mapping
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MAX_BYTES: Final = 1_048_576
MAX_DEPTH: Final = 32


class StrictJSONParser(BaseParser):
    """Read UTF-8 JSON of at most one MiB and 32 levels.

    Refused, each with its reason: another encoding, a key that stands twice in one object, NaN and
    Infinity, NUL and lone surrogates (which the database would refuse later, as an error of ours).
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, object] | None = None
    ) -> Any:  # noqa: ANN401 - whatever JSON holds
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise ParseError(_("The request is larger than 1 MiB."))
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError(_("The request is not UTF-8.")) from error
        return read_json(text)


def read_json(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what a JSON text means, where it means one thing and can be stored. Raises ParseError."""
    if _depth(text) > MAX_DEPTH:
        raise ParseError(_("The request is nested deeper than %(levels)s levels.") % {"levels": MAX_DEPTH})
    try:
        value = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except ValueError as error:
        raise ParseError(_("The request is not valid JSON: %(reason)s") % {"reason": error}) from error
    _check_texts(value)
    return value


def _depth(text: str) -> int:
    """Return the deepest nesting of brackets outside strings, without parsing (and so without recursion)."""
    depth = deepest = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _once_each(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ParseError(_("The key “%(key)s” stands twice.") % {"key": key[:64]})
        found[key] = value
    return found


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _check_texts(value: object) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ParseError(_("A text holds a character that cannot be stored."))
    elif isinstance(value, dict):
        for key, part in value.items():
            _check_texts(key)
            _check_texts(part)
    elif isinstance(value, list):
        for part in value:
            _check_texts(part)
