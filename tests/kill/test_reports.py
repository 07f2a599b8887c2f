"""Reports while processes and the database are really killed; ``STORM=1`` runs the promise's full figures."""

import os

import pytest

from tests.kill.storm_reports import storm

pytestmark = pytest.mark.kill
KILLS = 40 if os.environ.get("STORM") else 4


def test_kills_leave_no_day_without_report_and_none_with_two():
    found = storm(KILLS)

    assert (found.effective, found.missing, found.doubled, found.unfinished) == (KILLS, 0, 0, 0)
    assert found.sum_of_reports == found.sum_of_days
    assert found.expected > KILLS


def test_control_without_the_guards_days_are_doubled():
    found = storm(1, guarded=False)

    assert found.doubled > 0
