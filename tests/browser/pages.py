"""What pages there are for whom, what they lead to, and what stands on them: looked up for the walk."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from django.test import Client
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from tests import roles

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "static/js").glob("*.js")))
NO_PAGES = frozenset(
    {
        "accounts:totp_picture",
        "ops:livez",
        "ops:readyz",
        "ops:mail_file",
        "notifications:newest",
        "privacy:file",
        "ui:export",
        "ui:pulse",
        "orders:import_rejects",
        "reports:workbook",
        "audit:chain",
        "collaboration:file",
        "collaboration:file_small",
        "collaboration:people",
    }
)

# Text a person reads in the page, without what is marked as data (translate="no"), code, keys and other languages.
WORDS = """() => {
    const data = "[translate=no], code, kbd, script, style, template, noscript, [lang]:not([lang|=zh])";
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.data.trim() && !node.parentElement.closest(data)) found.push(node.data.trim());
    }
    for (const name of ["aria-label", "title", "placeholder", "alt", "data-tip", "data-label"])
        for (const element of document.querySelectorAll(`[${name}]`))
            if (!element.closest(data)) found.push(element.getAttribute(name));
    return found;
}"""


@dataclass
class Held(HTMLParser):
    """What one page holds: its shape (kinds of elements inside <main>), where it leads, dead controls."""

    shape: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    posts: set[str] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)
    inside: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, html: str) -> "Held":
        held = cls()
        held.feed(html)
        held.dead += [f"href={name!r} leads to nothing" for name in held.anchors - held.ids]
        return held

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inside = self.inside or tag == "main"
        if self.inside:
            self.shape.add(f"{tag}.{given.get('class', '')}#{given.get('data-so', '')}")
        self.ids.add(given.get("id", ""))
        match tag:
            case "a":
                self._link(given.get("href"), given)
            case "form" if given.get("method", "get").lower() == "post":
                self.posts |= {given["action"]} if given.get("action") else set()
            case "button":
                self._button(given)
        for name in ("hx-get", "formaction"):
            if given.get(name):
                (self.links if name == "hx-get" else self.posts).add(given[name])

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "main"

    def _link(self, target: str | None, given: dict[str, str]) -> None:
        if not target or target == "#" or target.startswith("javascript:"):
            self.dead.append(f"a without a target: {given}")
        elif target.startswith("#"):
            self.anchors.add(target[1:])
        elif target.startswith(("/", "?")):
            self.links.add(target)

    def _button(self, given: dict[str, str]) -> None:
        does = given.get("data-so", "")
        if given.get("type") == "button" and not re.search(rf"[\"'=]{re.escape(does)}[\"'\]]", does and SCRIPTS):
            self.dead.append(f"button no script knows: {given}")


@dataclass(frozen=True)
class Seen:
    """One page as one person gets it."""

    role: str
    name: str
    path: str
    held: Held


def paths(arguments: dict[str, list[dict[str, object]]]) -> Iterator[tuple[str, str, str]]:
    """Yield (name, permission, path) of every page of the hand-kept table; a URL nobody can fill in fails."""
    for name, (permission, methods) in roles.urls().items():
        if "GET" not in methods or name in NO_PAGES or name.startswith("api_"):
            continue
        for given in arguments.get(name, [{}]):
            try:
                yield name, permission, reverse(name, kwargs=given)
            except NoReverseMatch:
                raise LookupError(f"{name}: the fixture `arguments` gives nothing for it") from None


def seen_by(role: str, client: Client, pages: Iterable[tuple[str, str, str]]) -> Iterator[Seen]:
    """Yield every page this role may open, as it is sent to it."""
    held = roles.permissions_of_roles()[role]
    for name, permission, path in pages:
        if permission == "public" or (permission != "staff" and permission not in held):
            continue
        answer = client.get(path)
        if answer.status_code == 200:
            yield Seen(role, name, path, Held.of(answer.content.decode()))
        else:
            assert answer.status_code in {302, 404}, f"{role}: {path} answers {answer.status_code}"


def kind_of(target: str) -> str:
    """Return what links of one kind have in common: numbers and values do not matter."""
    path, _, query = target.partition("?")
    names = sorted({part.partition("=")[0] for part in query.split("&") if part})
    return re.sub(r"\d+", "0", path) + "?" + "&".join(names)


def leads_nowhere(page: Seen, target: str, method: str) -> str:
    """Say why a link or form of a page is not open to who was shown it; empty where it is."""
    path = (page.path if target.startswith("?") else target).partition("?")[0]
    try:
        name = resolve(path).view_name
    except Resolver404:
        return f"{page.role}: {page.path} leads to {target}, which is no page"
    permission, methods = roles.urls()[name]
    if method not in methods:
        return f"{page.role}: {page.path} sends {method} to {target}, which does not take it"
    if permission not in {"public", "staff"} and permission not in roles.permissions_of_roles()[page.role]:
        return f"{page.role}: {page.path} leads to {target}, which is closed to them"
    return ""
