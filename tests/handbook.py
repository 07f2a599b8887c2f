"""The handbook's worked cases, as parameters of tests: ``@pytest.mark.parametrize(*cases("split"))``."""

import json
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "data" / "handbook"


@cache
def _all() -> tuple[dict, ...]:
    pages = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json")))
    return tuple(case for page in pages for case in page["cases"])


def cases(rule: str, *, over_files: bool = False) -> tuple[str, list]:
    """Return names and values for parametrize: ``given`` and ``expected`` of every case of ``rule``.

    ``over_files`` picks the cases computed over a data set (``given["file"]``) instead of the others.
    """
    found = [case for case in _all() if case["rule"] == rule and ("file" in case["input"]) == over_files]
    if not found:
        raise LookupError(f"The handbook has no such case of {rule!r}.")
    return "given, expected", [pytest.param(case["input"], case["expected"], id=case["id"]) for case in found]
