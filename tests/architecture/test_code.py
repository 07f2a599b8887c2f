from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.guards import GUARDS, ROOT, all_files, badly_named, read

EACH = pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)


@EACH
def test_the_source_keeps_the_rule(guard):
    assert guard.files(), "the guard looks at nothing"
    assert guard.breaches() == []


@EACH
def test_the_guard_notices_each_breach(guard):
    missed = [snippet for snippet in guard.bad if not list(guard.find(snippet))]

    assert guard.bad
    assert missed == []


@EACH
def test_the_guard_lets_the_right_way_pass(guard):
    assert [snippet for snippet in guard.good if list(guard.find(snippet))] == []


@EACH
def test_every_exception_is_still_one(guard):
    """An allowed file that no longer breaks the rule leaves the list."""
    assert all(guard.allowed.values()), "each exception states its reason"
    assert [path for path in guard.allowed if not list(guard.find(read(ROOT / path)))] == []


def test_files_are_named_for_their_duty():
    assert badly_named(path.relative_to(ROOT) for path in all_files()) == []


@pytest.mark.parametrize("path", ["products/utils.py", "shopops/helpers/money.py", "tests/common.py"])
def test_a_name_that_says_nothing_is_noticed(path):
    assert badly_named([Path(path)]) == [path]


def test_workers_speak_json_only_and_keep_no_results():
    assert settings.CELERY_TASK_SERIALIZER == "json"
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.CELERY_TASK_IGNORE_RESULT is True


def test_the_policy_for_browsers_allows_nothing_inline():
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]

    assert directives["script-src"] == directives["style-src"] == ["'self'"]
    assert "unsafe" not in str(directives)
