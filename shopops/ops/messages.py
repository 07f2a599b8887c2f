"""Translations without the system's gettext: find strings, merge them into the catalogue, compile it.

``manage.py messages`` is the way in for people; set-up runs ``python -m shopops.ops.messages compile``,
which needs no settings. Message ids are English; the catalogue is ``locale/zh_Hans``, sorted, without
dates and line numbers, so that it changes only where a string does. Compiled files stay out of git.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import polib

ROOT: Final = Path(__file__).resolve().parents[2]
CATALOGUE: Final = Path("locale/zh_Hans/LC_MESSAGES/django.po")
HEADER: Final = {
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": "zh_Hans",
    "Plural-Forms": "nplurals=1; plural=0;",
}
TEMPLATE_KINDS: Final = frozenset({".html", ".txt", ".svg"})
CONTEXT_MARK: Final = "\x04"  # as in compiled catalogues; in tables written \c
ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", CONTEXT_MARK: "\\c"}


class Key(NamedTuple):
    """What a catalogue looks a string up by."""

    msgid: str
    context: str = ""

    def __str__(self) -> str:
        return escaped(f"{self.context}{CONTEXT_MARK}{self.msgid}" if self.context else self.msgid)


class Call(NamedTuple):
    """Where a gettext function has its context, message and plural among its arguments."""

    msgid: int
    context: int | None = None
    plural: int | None = None


CALLS: Final = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop", "sentence"), Call(0)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), Call(0, plural=1)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), Call(1, context=0)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), Call(1, context=0, plural=2)),
}


@dataclass
class Found:
    """The strings of the source: their plural ("" without one), where they stand, what is wrong."""

    plurals: dict[Key, str] = field(default_factory=dict)
    places: dict[Key, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, place: str, arguments: list[str | None], call: Call) -> None:
        """Note one call with its arguments, None for those that are no literal."""
        wanted = [index for index in call if index is not None]
        texts = [arguments[index] if index < len(arguments) else None for index in wanted]
        if any(text is None for text in texts):
            self.problems.append(f"{place}: the string is no literal, so it cannot be translated.")
            return
        key = Key(arguments[call.msgid] or "", "" if call.context is None else arguments[call.context] or "")
        plural = "" if call.plural is None else arguments[call.plural] or ""
        known = self.plurals.setdefault(key, plural)
        if plural and known and plural != known:
            self.problems.append(f"{place}: {key} has another plural elsewhere.")
        self.plurals[key] = known or plural
        self.places.setdefault(key, []).append(place)


def find_messages(root: Path = ROOT) -> Found:
    """Return every translatable string of the apps' Python and of all templates below ``root``."""
    found = Found()
    for path in python_files(root):
        find_in_python(path.read_text(encoding="utf-8"), str(path.relative_to(root)), found)
    for path in template_files(root):
        find_in_template(path.read_text(encoding="utf-8"), str(path.relative_to(root)), found)
    return found


def python_files(root: Path = ROOT) -> list[Path]:
    """Return the Python files of the apps, migrations left out."""
    apps = sorted(path.parent for path in root.glob("*/apps.py"))
    return [path for app in apps for path in sorted(app.rglob("*.py")) if "migrations" not in path.parts]


def template_files(root: Path = ROOT) -> list[Path]:
    """Return every template: of the project, and of apps that bring their own."""
    folders = [root / "templates", *sorted(root.glob("*/templates"))]
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in TEMPLATE_KINDS]


def find_in_python(source: str, place: str, found: Found) -> None:
    """Add the gettext calls of a Python file, under whatever names it imports the functions."""
    tree = ast.parse(source)
    names, modules = _imported(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=name) if name in names:
                function = names[name]
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in modules:
                function = name
            case _:
                continue
        if (call := CALLS.get(function)) is not None and not _looked_up(node.args, call):
            found.add(f"{place}:{node.lineno}", [_literal(argument) for argument in node.args], call)


def _imported(tree: ast.AST) -> tuple[dict[str, str], set[str]]:
    """Return what local names mean in the modules that translate, and the local names of Django's."""
    names: dict[str, str] = {}
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("django.utils.translation", "shopops.words"):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "django.utils":
            modules |= {alias.asname or alias.name for alias in node.names if alias.name == "translation"}
    return names, modules


def _looked_up(arguments: list[ast.expr], call: Call) -> bool:
    """Say whether the message is a variable's: a stored message id that is marked where it is written."""
    variable = (ast.Name, ast.Attribute, ast.Subscript)
    return call.msgid < len(arguments) and isinstance(arguments[call.msgid], variable)


def _literal(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _literal(left), _literal(right)
            return None if first is None or second is None else first + second
        case _:
            return None


_STRING: Final = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_TEMPLATE_CALL: Final = re.compile(rf"(?<!\w)(_|n?p?gettext)\(({_STRING}(?:,\s*{_STRING})*)")


def find_in_template(source: str, place: str, found: Found) -> None:
    """Add the strings of a Django template."""
    from django.utils.translation.template import templatize  # noqa: PLC0415 - compiling needs no Django

    text = templatize(source, origin=place)
    for match in _TEMPLATE_CALL.finditer(text):
        name, literals = match.groups()
        arguments = [str(ast.literal_eval(literal)) for literal in re.findall(_STRING, literals)]
        if name == "_":  # looked up with doubled percent signs, but templatize leaves these as they are
            name, arguments = "gettext", [argument.replace("%", "%%") for argument in arguments]
        line = text.count("\n", 0, match.start()) + 1
        found.add(f"{place}:{line}", list(arguments), CALLS[name])


def escaped(text: str) -> str:
    """Write a string on one line of a table."""
    return "".join(ESCAPES.get(char, char) for char in text)


def unescaped(text: str) -> str:
    """Read a string of a table."""
    back = {mark[1]: char for char, mark in ESCAPES.items()}
    return re.sub(r"\\(.)", lambda match: back.get(match[1], match[0]), text)


@dataclass
class Tables:
    """Translations read from tables, and what is wrong with them."""

    texts: dict[Key, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_tables(folder: Path) -> Tables:
    """Read every ``*.tsv`` of ``folder``: ``msgid TAB text`` or ``msgid TAB plural TAB text``.

    Within a file the later line wins, between files the first in order of names; differing ones are
    told as problems. A context stands before the message id: ``month\\cMay``.
    """
    tables = Tables()
    for path in sorted(folder.glob("*.tsv")):
        texts: dict[Key, str] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            cells = [unescaped(cell) for cell in line.split("\t")]
            if len(cells) in {2, 3} and cells[0] and cells[-1]:
                context, _, msgid = cells[0].rpartition(CONTEXT_MARK)
                texts[Key(msgid, context)] = cells[-1]
            elif line.strip():
                tables.problems.append(f"{path.name}:{number}: expected two or three cells, none of them empty.")
        for key, text in texts.items():
            if tables.texts.setdefault(key, text) != text:
                tables.problems.append(f"{path.name}: {key} is {text!r}, in an earlier table {tables.texts[key]!r}.")
    return tables


def load(root: Path = ROOT) -> polib.POFile:
    """Read the catalogue; an empty one where there is none yet."""
    path = root / CATALOGUE
    return polib.pofile(str(path), encoding="utf-8") if path.exists() else polib.POFile()


def texts_of(catalogue: polib.POFile) -> dict[Key, str]:
    """Return the catalogue's translations; empty text where one is missing."""
    return {
        Key(entry.msgid, entry.msgctxt or ""): entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
        for entry in catalogue
        if not entry.obsolete
    }


def merged(found: Found, texts: Mapping[Key, str]) -> polib.POFile:
    """Make the catalogue of exactly the found strings, with the translations there are."""
    catalogue = polib.POFile(wrapwidth=10_000)
    catalogue.metadata = dict(HEADER)
    for key in sorted(found.plurals):
        plural, text = found.plurals[key], texts.get(key, "")
        catalogue.append(
            polib.POEntry(
                msgid=key.msgid,
                msgctxt=key.context or None,
                msgid_plural=plural,
                msgstr="" if plural else text,
                msgstr_plural={0: text} if plural else {},
                flags=["python-format"] if "%(" in key.msgid + plural else [],
            )
        )
    return catalogue


def save(catalogue: polib.POFile, root: Path = ROOT) -> None:
    """Write the catalogue."""
    path = root / CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))


def faults(found: Found, catalogue: polib.POFile) -> Iterator[str]:
    """Tell, a line each, what keeps source and catalogue from being one."""
    yield from found.problems
    texts = texts_of(catalogue)
    for key in sorted(found.plurals):
        if not texts.get(key):
            yield f"missing: {key}  ({found.places[key][0]})"
    for key in sorted(texts.keys() - found.plurals.keys()):
        yield f"unused: {key}"
    for entry in catalogue:
        key = Key(entry.msgid, entry.msgctxt or "")
        if entry.fuzzy:
            yield f"fuzzy: {key}"
        if texts.get(key):
            yield from (f"{wrong}: {key}" for wrong in placeholder_faults(entry, texts[key]))


_NAMED: Final = re.compile(r"%\((\w+)\)[-#0+]*\d*(?:\.\d+)?[a-z]|\{(\w+)\}")
_UNNAMED: Final = re.compile(r"%[-#0+]*\d*(?:\.\d+)?[sdifrx]")


def placeholder_faults(entry: polib.POEntry, text: str) -> Iterator[str]:
    """Tell whether a translation fills in other values than its message, or values without a name."""
    plain = [string.replace("%%", "") for string in (entry.msgid_plural or entry.msgid, entry.msgid, text)]
    if any(_UNNAMED.search(string) for string in plain):
        yield "placeholder without a name"
    wanted, _, given = (sorted(set(_NAMED.findall(string))) for string in plain)
    if wanted != given:
        yield "other placeholders in the translation"


def compile_catalogues(root: Path = ROOT) -> list[Path]:
    """Write the compiled file of each catalogue that is newer than its own; return those written."""
    written = []
    for source in sorted(root.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        draft = target.with_suffix(".mo.new")  # renamed when whole: other processes read at any moment
        polib.pofile(str(source), encoding="utf-8").save_as_mofile(str(draft))
        draft.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    if sys.argv[1:] != ["compile"]:
        sys.exit("usage: python -m shopops.ops.messages compile")
    compile_catalogues()
