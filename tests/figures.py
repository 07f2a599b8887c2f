"""What proofs counted, told in the last lines of a run: cells tried, rows missing, canaries seen.

A test takes the fixture ``figures`` and notes its counts under a promise; counts of the same name are added
up over all tests (and over all processes of the run), peaks are compared. The lines say what was counted,
not what was hoped: a test that fails has noted its counts too.
"""

from collections.abc import Callable, Iterable
from typing import Final

import pytest

MARK: Final = "figures"
# Every line a whole run tells, in its order, and what is counted there.
LINES: Final[dict[str, str]] = {
    "P10": "URLs × methods × roles × own/foreign/absent × page, fragment, API, export, file",
    "P10 removals": "a guard taken away, drawn by seed",
    "P11": "forms and serializers × roles, saved as they are shown",
    "P12": "pairs of people saving one record at once",
    "P13": "writes by every path",
    "P16": "canaries looked for after the erasure of their persons, in every place",
    "XSS": "markup in every text column, every page as manager and administrator",
    "3.5": "hostile requests, each in a process of its own",
}


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return a function that notes counts under a line: ``figures("P10", cells=412, unexpected=0)``.

    A name that begins with ``most_`` is a peak: the largest is told.
    """

    def note(line: str, **counts: int) -> None:
        assert line in LINES, line
        request.node.user_properties.append((MARK, [line, counts]))

    return note


def added_up(noted: Iterable[tuple[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    """Return line → name → count over all that was noted."""
    found: dict[str, dict[str, int]] = {}
    for line, counts in noted:
        sums = found.setdefault(line, {})
        for name, count in counts.items():
            sums[name] = max(sums.get(name, 0), count) if name.startswith("most_") else sums.get(name, 0) + count
    return found


def told(sums: dict[str, dict[str, int]]) -> list[str]:
    """Return the lines, in the order of LINES."""
    return [
        f"{line}  {what}: " + ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in sums[line].items())
        for line, what in LINES.items()
        if line in sums
    ]


def of_reports(reports: Iterable[object]) -> list[str]:
    """Return the lines of a run's reports."""
    return told(
        added_up(
            tuple(noted)
            for report in reports
            if getattr(report, "when", "") == "call"
            for mark, noted in getattr(report, "user_properties", ())
            if mark == MARK
        )
    )
