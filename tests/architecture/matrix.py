"""Walk every URL × method × role and compare the answers with the hand-kept table (docs/roles.md)."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from zipfile import ZipFile

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse

from shopops.access.checks import patterns
from tests import roles

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OF_NO_RECORD = frozenset({"reports:day"})  # a day without a report has a page that says so
PUBLIC, STAFF = "public", "staff"
REFUSED = frozenset({401, 403})
FILES = frozenset(
    {
        "accounts:totp_picture", "audit:chain", "collaboration:file", "collaboration:file_small", "ops:mail_file",
        "orders:import_rejects", "privacy:file", "reports:workbook", "ui:export",
    }
)  # fmt: skip


@dataclass
class Tally:
    """What a walk found."""

    cells: int = 0
    urls: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Url:
    """One address of the site with the arguments of a real record or of none."""

    name: str
    path: str
    exists: bool


def kind_of(name: str, query: str = "", headers: dict[str, str] | None = None) -> str:
    """Name the kind of answer one cell asks for."""
    if "export=" in query:
        return "exports"
    if name.startswith("api_"):
        return "API"
    if name in FILES:
        return "files"
    return "fragments" if "HX-Request" in (headers or {}) and "HX-Boosted" not in (headers or {}) else "pages"


def addresses(arguments: Callable[[str, str], tuple[object, object]]) -> Iterator[Url]:
    """Yield every URL of the URLconf twice where it names a record: an existing one and an absent one.

    ``arguments`` gives (existing, absent) for a URL's name and an argument's name; it raises KeyError
    for an argument nobody can make, so that a new kind of URL fails the walk instead of escaping it.
    """
    for name, _path, pattern in patterns():
        wanted = argument_names(pattern)
        if not wanted:
            yield Url(name, reverse(name), exists=True)
            continue
        given = {key: arguments(name, key) for key in wanted}
        yield Url(name, reverse(name, kwargs={key: pair[0] for key, pair in given.items()}), exists=True)
        yield Url(name, reverse(name, kwargs={key: pair[1] for key, pair in given.items()}), exists=False)


def argument_names(pattern: URLPattern) -> list[str]:
    return list(pattern.pattern.converters) or list(pattern.pattern.regex.groupindex)


def expected(permission: str, methods: frozenset[str], method: str, held: set[str] | None) -> str:
    """Say what one cell must be: "log in", "refused", "no method" or "answered".

    ``held`` are the actor's permissions, None for nobody logged in.
    """
    if permission != PUBLIC and held is None:
        return "log in"
    if permission not in (PUBLIC, STAFF) and permission not in (held or ()):
        return "refused"
    return "answered" if method in methods else "no method"


def verdict(response: object) -> str:
    """Name an answer in the words of :func:`expected`."""
    status = response.status_code
    location = response.headers.get("Location", "")
    if status == 401 or (status == 302 and "/login/?next=" in location):
        return "log in"
    if status == 403:
        return "refused"
    if status == 405:
        return "no method"
    return "answered" if status < 500 else f"error {status}"


def walk(
    actors: dict[str, tuple[Client, set[str] | None]],
    arguments: Callable[[str, str], tuple[object, object]],
    *,
    table: dict[str, tuple[str, frozenset[str]]] | None = None,
    canaries: tuple[str, ...] = (),
    may_show: Callable[[str, set[str] | None], bool] = lambda _name, _held: False,
    only: Callable[[str], bool] = lambda _name: True,
    headers: dict[str, str] | None = None,
    methods_tried: tuple[str, ...] = METHODS,
) -> Tally:
    """Try every cell; each request is taken back. ``actors``: name → (client, permissions).

    What is refused is refused by the address's declaration, before a record is looked for: of an absent record
    a refused cell is tried by GET alone, an answered one by each method.
    """
    table = table or roles.urls()
    tally, seen = Tally(), set()
    for url in addresses(arguments):
        if not only(url.name):
            continue
        seen.add(url.name)
        if url.name not in table:
            tally.unexpected.append(f"{url.name}: stands in no line of docs/roles.md")
            continue
        permission, methods = table[url.name]
        for method in methods_tried:
            for actor, (client, held) in actors.items():
                wanted = expected(permission, methods, method, held)
                if not url.exists and wanted != "answered" and method != "GET":
                    continue
                tally.cells += 1
                tally.kinds[kind_of(url.name, headers=headers)] += 1
                tally.kinds["own" if url.exists else "absent"] += 1
                response = _tried(client, method, url.path, headers or {})
                got = verdict(response)
                if got != wanted:
                    tally.unexpected.append(f"{method} {url.path} as {actor}: {got}, expected {wanted}")
                elif (
                    not url.exists
                    and url.name not in OF_NO_RECORD
                    and wanted == "answered"
                    and response.status_code == 200
                ):
                    tally.unexpected.append(f"{method} {url.path} as {actor}: answers for a record that is not there")
                if canaries and not may_show(url.name, held):
                    body = _text(response)
                    tally.leaks += [f"{method} {url.path} as {actor}: {text}" for text in canaries if text in body]
    tally.urls = len(seen)
    return tally


def _tried(client: Client, method: str, path: str, headers: dict[str, str]) -> object:
    session = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        point = transaction.savepoint()
        response = client.generic(method, path, headers=headers)
        _text(response)  # what is streamed is read inside
        transaction.savepoint_rollback(point)
    client.cookies.load(session)
    return response


def _text(response: object) -> str:
    if not hasattr(response, "_read_text"):
        raw = b"".join(response.streaming_content) if response.streaming else response.content
        text = _of_workbook(raw) if raw[:2] == b"PK" else raw.decode("utf-8", "replace")
        response._read_text = text + str(response.headers)
    return response._read_text


def _of_workbook(raw: bytes) -> str:
    """Return the strings and cells of a workbook."""
    with ZipFile(BytesIO(raw)) as book:
        names = [name for name in book.namelist() if name.endswith(".xml") and "/_rels" not in name]
        return "".join(book.read(name).decode() for name in names)
