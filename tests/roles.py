"""The hand-kept page docs/roles.md as data: who may do what, and what each URL asks for."""

import re
from functools import cache
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "roles.md"
MARK = "●"


def _tables(text: str) -> dict[str, list[list[str]]]:
    """Return the page's tables by the heading above them, each a list of rows of cells."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("## "):
            heading = line[3:].strip()
        elif line.startswith("|") and not re.fullmatch(r"[|\-: ]+", line):
            found.setdefault(heading, []).append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return found


@cache
def page() -> dict[str, list[list[str]]]:
    return _tables(PAGE.read_text(encoding="utf-8"))


@cache
def permissions_of_roles() -> dict[str, set[str]]:
    """Return role code → permission codes, as the table says."""
    head, *rows = page()["Roles and permissions"]
    roles = [name.strip("`") for name in head[1:]]
    return {role: {row[0].strip("`") for row in rows if row[1 + index] == MARK} for index, role in enumerate(roles)}


@cache
def known_permissions() -> set[str]:
    """Return every permission code the table has a line for."""
    return {row[0].strip("`") for row in page()["Roles and permissions"][1:]}


@cache
def urls() -> dict[str, tuple[str, frozenset[str]]]:
    """Return URL name → (permission, methods), as the table says."""
    _, *rows = page()["URLs"]
    return {row[0].strip("`"): (row[1].strip("`"), frozenset(row[2].split())) for row in rows}
