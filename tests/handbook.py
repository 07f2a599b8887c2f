"""The handbook's worked cases, as parameters of tests: ``@pytest.mark.parametrize(*cases("split"))``."""

import json
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "data" / "handbook"


@cache
def _all() -> dict[str, list[dict]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))["cases"] for path in sorted(FOLDER.glob("*.json"))}


def _given(case: dict) -> dict:
    return case["given"] if "given" in case else case["input"]


def _expected(case: dict) -> object:
    return case["expect"] if "expect" in case else case["expected"]


def cases(rule: str, *, page: str = "", over_files: bool = False) -> tuple[str, list]:
    """Return names and values for parametrize: ``given`` and ``expected`` of every case of ``rule``.

    ``page`` names the file of cases where two of them use the same word. ``over_files`` picks the cases
    computed over a data set (``given["file"]``) instead of the others.
    """
    found = {
        stem: [case for case in all_cases if case["rule"] == rule and ("file" in _given(case)) == over_files]
        for stem, all_cases in _all().items()
        if page in ("", stem)
    }
    pages = [stem for stem, kept in found.items() if kept]
    if len(pages) != 1:
        raise LookupError(f"The handbook has cases of {rule!r} in {pages or 'no file'}: name one page.")
    return "given, expected", [pytest.param(_given(case), _expected(case), id=case["id"]) for case in found[pages[0]]]
