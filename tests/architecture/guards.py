"""Rules the source keeps, as functions from a file's text to the lines that break them."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from shopops.ops.messages import ROOT, python_files, template_files

Find = Callable[[str], Iterable[int]]


@dataclass(frozen=True)
class Guard:
    """One rule: where it holds, how a breach is found, which files may break it and why, proofs of both."""

    name: str
    files: Callable[[], list[Path]]
    find: Find
    bad: tuple[str, ...]
    good: tuple[str, ...] = ()
    allowed: dict[str, str] = field(default_factory=dict)  # path: reason

    def breaches(self) -> list[str]:
        """Return "path:line" of everything that breaks the rule, without the allowed files."""
        return [
            f"{path}:{line}"
            for path in self.files()
            if name(path) not in self.allowed
            for line in self.find(read(path))
        ]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:  # a picture, a spreadsheet, a sample in GB18030
        return ""


@cache
def all_files() -> list[Path]:
    """Return every file git knows or would take, in the work tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = (ROOT / part for part in sorted(set(listed.split("\0"))) if part)
    return [path for path in paths if path.is_file()]


def all_python() -> list[Path]:
    return [path for path in all_files() if path.suffix == ".py"]


def settings_file() -> list[Path]:
    return [ROOT / "shopops" / "settings.py"]


# --- ways to look at a file


def in_tree(wrong: Callable[[ast.AST], bool]) -> Find:
    """Find the lines of syntax nodes that are ``wrong``."""

    def find(source: str) -> Iterator[int]:
        for node in ast.walk(ast.parse(source)):
            if wrong(node):
                yield getattr(node, "lineno", 1)

    return find


def in_text(pattern: str, flags: int = re.IGNORECASE) -> Find:
    """Find the lines where ``pattern`` matches."""
    compiled = re.compile(pattern, flags)

    def find(source: str) -> Iterator[int]:
        for match in compiled.finditer(source):
            yield source.count("\n", 0, match.start()) + 1

    return find


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` of names and attributes, "" of anything else."""
    match node:
        case ast.Name(id=text):
            return text
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case _:
            return ""


def _delays(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    late = {"eta", "countdown", "retry_backoff", "default_retry_delay"}
    return any(keyword.arg in late for keyword in node.keywords) or dotted(node.func) == "self.retry"


_CLOCKS = re.compile(
    r"(^|\.)(timezone\.(now|localtime|localdate)|datetime\.(now|utcnow|today)|date\.today|time\.(time|localtime|gmtime))$"
)
_SQL_DAY = re.compile(
    r"\bcurrent_date\b|\bnow\(\)\s*(::\s*date|at\s+time\s+zone)|date_trunc\([^)]*now\(\)", re.IGNORECASE
)


def _asks_the_machine_for_the_time(node: ast.AST) -> bool:
    match node:
        case ast.Attribute():
            return bool(_CLOCKS.search(dotted(node)))
        case ast.Constant(value=str() as text):
            return bool(_SQL_DAY.search(text))
        case ast.ImportFrom(module="django.utils.timezone", names=names):
            return any(alias.name in {"now", "localtime", "localdate"} for alias in names)
        case ast.ImportFrom(module="time", names=names):
            return any(alias.name == "time" for alias in names)
        case _:
            return False


def _mentions(*words: str) -> Callable[[ast.AST], bool]:
    def wrong(node: ast.AST) -> bool:
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.alias(name=word):
                return word.rpartition(".")[2] in words
            case _:
                return False

    return wrong


def _pickles(node: ast.AST) -> bool:
    modules = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal"}
    match node:
        case ast.Import(names=names):
            return any(alias.name.partition(".")[0] in modules for alias in names)
        case ast.ImportFrom(module=str() as module):
            return module.partition(".")[0] in modules
        case ast.Constant(value="pickle" | "application/x-python-serialize"):
            return True
        case _:
            return False


def _assigns(target: str, value: object = ...) -> Callable[[ast.AST], bool]:
    def wrong(node: ast.AST) -> bool:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=found)], value=given)
                | ast.AnnAssign(target=ast.Name(id=found), value=given)
            ):
                return found == target and (value is ... or (isinstance(given, ast.Constant) and given.value == value))
            case _:
                return False

    return wrong


def _orders_a_model(node: ast.AST) -> bool:
    if not isinstance(node, ast.ClassDef) or node.name != "Meta":
        return False
    return any(_assigns("ordering")(statement) for statement in node.body)


_TAGS = r"\{[%{#].*?[%}#]\}"  # what Django replaces may hold quotes and angle brackets
_INLINE = (
    r"<style\b|\sstyle\s*=|<script\b(?![^>]*\bsrc\s*=)(?![^>]*\btype\s*=\s*[\"']application/(?:ld\+)?json)"
    r"|<\w[^>]*\son[a-z]+\s*=|javascript:|\bhx-on\b|\bhx-(?:vals|headers)\s*=\s*[\"']js:"
)


def _inline(source: str) -> Iterable[int]:
    blanked = re.sub(_TAGS, lambda match: re.sub(r"[^\n]", "_", match[0]), source, flags=re.DOTALL)
    return in_text(_INLINE)(blanked)


def _inline_in_strings(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str() as text) if "<" in text:
            return bool(re.search(r"<\w[^<>]*\sstyle\s*=|<style\b|<script\b|<\w[^<>]*\son[a-z]+\s*=", text))
        case _:
            return False


def _has_content(source: str) -> Iterable[int]:
    return [1] if source else []


def _hidden(*snippets: str) -> tuple[str, ...]:
    """Take the ~ out of snippets that would otherwise be breaches where they stand."""
    return tuple(snippet.replace("~", "") for snippet in snippets)


# Written with a class of one letter each, or these lines would find themselves.
_PLACES = r"(?<![\w.])/(?:wor[k]|tm[p]|roo[t]|hom[e]/\w+|User[s]/\w+)/[\w.]|[A-Z]:\\User[s]\\"
_REGISTRIES = r"py[p]i\.org|py[t]honhosted\.org|np[m]js\.(?:org|com)|de[b]\.debian\.org|ya[r]npkg\.com"

GUARDS = [
    Guard(
        "Tasks are woken now: due times are columns, never an ETA or a countdown",
        python_files,
        in_tree(_delays),
        bad=(
            "send.apply_async([1], countdown=5)",
            "send.apply_async([1], eta=when)",
            "app.send_task('a.b', countdown=1)",
            "send.s(1).set(countdown=3).delay()",
            "@shared_task(autoretry_for=(OSError,), retry_backoff=True)\ndef f(): pass",
            "def f(self):\n    raise self.retry()",
        ),
        good=("send.delay(1)", "send.apply_async([1], queue='reports')", "left = countdown(due)"),
    ),
    Guard(
        "shopops.clock is the only clock",
        python_files,
        in_tree(_asks_the_machine_for_the_time),
        bad=(
            "timezone.now()",
            "datetime.now(UTC)",
            "datetime.datetime.utcnow()",
            "date.today()",
            "timezone.localdate()",
            "from django.utils.timezone import now",
            "created = DateTimeField(default=timezone.now)",
            "time.time()",
            'cursor.execute("SELECT current_date")',
            'cursor.execute("SELECT (now() AT TIME ZONE %s)::date")',
            'cursor.execute("SELECT now()::date")',
        ),
        good=("clock.now()", "time.monotonic()", "datetime.fromisoformat(text)", 'run("INSERT INTO x SELECT now()")'),
        allowed={"shopops/clock.py": "is the clock"},
    ),
    Guard(
        "Each exception from the linter or the types states its reason",
        python_files,
        in_text(r"#\s*(?:noqa|type:\s*ignore)(?:\[[\w, -]*\]|:[A-Z0-9, ]*)?\s*$", re.MULTILINE),
        bad=("listen(ALL)  # noqa: S104", "f(x)  # noqa", "f(x)  # type: ignore[index]\n", "f(x)  # type: ignore"),
        good=(
            "listen(ALL)  # noqa: S104 - inside a container",
            "f(x)  # type: ignore[index]  # lists and querysets alike",
            "f(x)  # an ignored type",
        ),
    ),
    Guard(
        "Nothing is marked safe in Python",
        python_files,
        in_tree(_mentions("mark_safe", "SafeString", "SafeText", "html_safe")),
        bad=("mark_safe(name)", "from django.utils.safestring import mark_safe", "safestring.SafeString('x')"),
        good=('format_html("<b>{}</b>", name)',),
    ),
    Guard(
        "Nothing is marked safe in a template",
        template_files,
        in_text(r"\|\s*safe(?:seq)?\b|\{%\s*autoescape\s+off"),
        bad=("{{ name|safe }}", "{{ names | safeseq|join:' ' }}", "{% autoescape off %}"),
        good=("{{ name }}", "{{ name|safely }}"),
    ),
    Guard(
        "Every form and every answer is protected against forgery",
        python_files,
        in_tree(_mentions("csrf_exempt")),
        bad=("@csrf_exempt\ndef hook(request): pass", "from django.views.decorators.csrf import csrf_exempt"),
        good=("@access('orders.view')\ndef page(request): pass",),
    ),
    Guard(
        "Templates hold no script, style or handler of their own",
        template_files,
        _inline,
        bad=(
            "<script>alert(1)</script>",
            "<script type='module'>x()</script>",
            "<style>a {}</style>",
            '<p style="color:red">',
            '<p\n style="color:red">',
            '<a onclick="x()">',
            '<a href="javascript:x()">',
            '<div hx-on:click="x()">',
            "<div hx-vals='js:{a: 1}'>",
        ),
        good=(
            '<script src="{% static "js/a.js" %}" type="module"></script>',
            '<script type="application/json" id="series">{}</script>',
            '<link rel="stylesheet" href="a.css">',
            '<p class="on style">one = two</p>',
            '<a {% if a < b %}class="x"{% endif %} data-on="1">',
        ),
    ),
    Guard(
        "Markup made in Python holds no script, style or handler",
        python_files,
        in_tree(_inline_in_strings),
        bad=("format_html('<i style=\"width:{}%\"></i>', 3)", "x = '<script>'", "x = '<a onclick=\"{}\">'"),
        good=("format_html('<rect width=\"{}\"/>', 3)", "x = 'a < b, style = c'"),
    ),
    Guard(
        "Nothing is pickled",
        python_files,
        in_tree(_pickles),
        bad=("import pickle", "from pickle import loads", "CELERY_TASK_SERIALIZER = 'pickle'", "accept_content=['json', 'pickle']"),
        good=("import json", "CELERY_TASK_SERIALIZER = 'json'"),
    ),
    Guard(
        "Forms and serializers name their fields one by one",
        python_files,
        in_tree(_assigns("fields", "__all__")),
        bad=('class Meta:\n    fields = "__all__"', "class Meta:\n    fields: str = '__all__'"),
        good=('class Meta:\n    fields = ["id"]', '__all__ = ["x"]'),
    ),
    Guard(
        "Models have no ordering of their own",
        python_files,
        in_tree(_orders_a_model),
        bad=('class Order:\n    class Meta:\n        ordering = ["id"]',),
        good=('class Orders:\n    ordering = ["id"]',),
    ),
    Guard(
        "Nothing listens to the saving of single rows",
        python_files,
        in_tree(_mentions("post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed")),
        bad=("@receiver(post_save)\ndef f(**_): pass", "from django.db.models.signals import post_save"),
        good=("orders_imported = Signal()",),
    ),
    Guard(
        "__init__.py is empty",
        lambda: [path for path in all_python() if path.name == "__init__.py"],
        _has_content,
        bad=("from x import y\n", "\n"),
        good=("",),
    ),
    Guard(
        "No file names a place of one machine",
        all_files,
        in_text(_PLACES, 0),
        bad=_hidden("cd /wor~k/main", "open('/tm~p/x')", "/hom~e/lin/shop", "C:\\User~s\\lin", "/User~s/lin/x", "/roo~t/.cache"),
        good=("static/homes/x", "https://example.com/root/", "the /tmp folder", "templates/work/list.html"),
    ),
    Guard(
        "No file names a package registry's host",
        all_files,
        in_text(_REGISTRIES),
        bad=_hidden("https://pyp~i.org/simple", "registry.npm~js.org"),
        good=("python packages", "npm ci"),
    ),
]  # fmt: skip


def badly_named(paths: Iterable[Path]) -> list[str]:
    """Return the files whose name says nothing of their duty."""
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    return [path.as_posix() for path in paths if path.suffix == ".py" and empty & {*path.parts, path.stem}]
