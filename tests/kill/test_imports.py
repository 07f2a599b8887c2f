"""An import whose process is killed leaves the facts of before or of after, and the next try completes it."""

import pytest

from tests.kill.storm_imports import Outcome, Storm, retail_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]


def test_a_killed_import_is_whole_or_not_there_and_is_taken_up_again() -> None:
    found, weather = Outcome(), Storm(retail_file(20))
    for share in (0.1, 0.5, 0.8):  # reading, comparing, writing
        weather.kill_at(int(weather.committed * share), found)
    weather.kill_at(weather.points - 3, found)  # between the steps that follow the commit
    assert (found.kills, found.inside) == (4, 3)
    assert (found.between, found.unfinished, found.not_undone) == ([], [], [])


def test_without_the_one_transaction_a_kill_leaves_half_an_import() -> None:
    found, weather = Outcome(), Storm(retail_file(20))
    weather.kill_at(int(weather.committed * 0.7), found, guarded=False)
    assert len(found.between) == 1
