"""Scores of recency, frequency and money (handbook 3 §4)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.value.rfm import Purchases, RfmClass, Scores, rfm
from tests.handbook import cases


@pytest.mark.parametrize(*cases("rfm"))
def test_members_are_scored_by_their_place_and_ties_share_the_lower(given, expected):
    members = {
        name: Purchases(date.fromisoformat(last), count, Decimal(net))
        for name, (last, count, net) in given["members"].items()
    }

    with translation.override("zh-hans"):
        found = {name: [str(scores), str(scores.rfm_class.label)] for name, scores in rfm(members).items()}

    assert found == expected["scores"]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((4, 4, 4), RfmClass.IMPORTANT_VALUE),
        ((5, 3, 5), RfmClass.IMPORTANT_DEVELOP),
        ((3, 5, 5), RfmClass.IMPORTANT_KEEP),
        ((1, 1, 4), RfmClass.IMPORTANT_WIN_BACK),
        ((4, 4, 3), RfmClass.GENERAL_VALUE),
        ((5, 1, 1), RfmClass.GENERAL_DEVELOP),
        ((1, 5, 1), RfmClass.GENERAL_KEEP),
        ((1, 1, 1), RfmClass.GENERAL_WIN_BACK),
    ],
)
def test_four_is_high(scores, expected):
    assert Scores(*scores).rfm_class == expected


def test_nobody_has_no_scores():
    assert rfm({}) == {}


members = some.dictionaries(
    some.integers(),
    some.builds(
        Purchases,
        some.integers(0, 20).map(lambda number: date(2026, 1, 1) + timedelta(days=number)),
        some.integers(1, 5),
        some.integers(0, 9).map(Decimal),
    ),
    min_size=1,
    max_size=40,
)


@for_all(members)
def test_a_better_member_never_scores_less_and_equals_score_alike(told):
    found = {member: (scores.recency, scores.frequency, scores.money) for member, scores in rfm(told).items()}

    for column in range(3):
        ordered = sorted((told[member][column], found[member][column]) for member in told)
        points = [score for _value, score in ordered]
        assert points == sorted(points)
        assert len(set(ordered)) == len({value for value, _score in ordered})
        assert points[0] == 1
        assert points[-1] <= 5


@for_all(members)
def test_a_score_is_the_share_that_is_strictly_worse(told):
    for member, scores in rfm(told).items():
        worse = sum(other.net < told[member].net for other in told.values())
        assert scores.money == 1 + 5 * worse // len(told)
