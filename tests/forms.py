"""The POST forms of a page as a browser would send them: what stands in the fields, the token of the page included."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.test import Client
from django.urls import Resolver404, resolve


@dataclass
class Form:
    """One form: where it goes, and what it holds as it is shown."""

    page: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)  # text fields somebody may fill
    required: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    @property
    def url_name(self) -> str:
        try:
            return resolve(self.action.partition("?")[0]).view_name
        except Resolver404:
            return ""

    def send(self, client: Client, **changes: object) -> object:
        """Send the form with some fields changed."""
        return client.post(self.action, {**self.fields, **changes}, headers={"referer": self.page})


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.forms, self.open = page, [], None
        self.select, self.area, self.firsts = None, None, {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = None
            if found.get("method", "").lower() == "post":
                self.open = Form(self.page, found.get("action") or self.page)
                self.forms.append(self.open)
        if self.open is None or "disabled" in found:
            return
        name = found.get("name", "")
        if name and "required" in found:
            self.open.required.add(name)
        if tag == "input" and name:
            self._input(name, found)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in found:
            self._put(self.select, found.get("value", ""))
        elif tag == "option" and self.select:
            self.firsts.setdefault((id(self.open), self.select), found.get("value", ""))
        elif tag == "textarea" and name:
            self.area, self.open.fields[name] = name, [""]
            self.open.typed.add(name)

    def _input(self, name: str, found: dict[str, str]) -> None:
        kind = found.get("type", "text")
        if kind == "file":
            self.open.files.add(name)
        elif kind in {"checkbox", "radio"}:
            if "checked" in found:
                self._put(name, found.get("value", "on"))
        elif kind not in {"submit", "button", "image"}:
            self._put(name, found.get("value", ""))
            if kind != "hidden":
                self.open.typed.add(name)

    def _put(self, name: str, value: str) -> None:
        self.open.fields.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self.open is not None and self.area:
            self.open.fields[self.area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            if self.open is not None and self.area:  # a browser drops the first line break
                self.open.fields[self.area][0] = self.open.fields[self.area][0].removeprefix("\n").replace("\n", "\r\n")
            self.area = None
        elif tag == "select":
            if self.open is not None and self.select and not self.open.fields.get(self.select):
                self.open.fields[self.select] = [self.firsts.get((id(self.open), self.select), "")]
            self.select = None
        elif tag == "form":
            self.open = None


def forms_of(html: str, page: str) -> list[Form]:
    """Return a page's POST forms."""
    reader = _Reader(page)
    reader.feed(html)
    return reader.forms
