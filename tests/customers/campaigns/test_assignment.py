"""Who is held out, and who gets which arm: the same in Python and in PostgreSQL (handbook 3 §6)."""

from collections import Counter

import pytest
from django.db import connection
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.campaigns.assignment import Shares, bucket, bucket_sql, holdout, holdout_sql
from tests.handbook import cases


@pytest.mark.parametrize(*cases("holdout"))
def test_members_are_drawn_by_their_hash(given, expected):
    shares = Shares(given["holdout_bp"], tuple((name, share) for name, share in given["arms"]))

    found = {
        str(member): [
            bucket(given["salt"], given["campaign"], member),
            holdout(given["salt"], given["campaign"], member, shares),
        ]
        for member in given["members"]
    }

    assert found == expected["buckets"]


@pytest.mark.django_db
@pytest.mark.parametrize("salt", ["qh-2026", "青禾 100%", "'; --"])
def test_postgresql_draws_the_same(salt):
    shares = Shares(1000, (("A", 4500), ("B'%", 4500)))
    expression, names = holdout_sql("member", shares)
    query = f"SELECT member, {bucket_sql('member')}, {expression} FROM generate_series(1, 3000) AS member"

    with connection.cursor() as cursor:
        cursor.execute(query, {"salt": salt, "campaign": 42, **names})
        drawn = cursor.fetchall()

    assert len(drawn) == 3000
    assert drawn == [(member, bucket(salt, 42, member), holdout(salt, 42, member, shares)) for member in range(1, 3001)]


@pytest.mark.parametrize(
    ("share", "arms"),
    [
        (1000, (("A", 4500), ("B", 4499))),
        (1000, (("A", 9001),)),
        (-1, (("A", 10_001),)),
        (1000, (("A", 4500), ("A", 4500))),
        (1000, (("holdout", 9000),)),
    ],
)
def test_shares_that_are_not_the_whole_or_not_told_apart_are_refused(share, arms):
    with pytest.raises(ValueError, match="10000 buckets"):
        Shares(share, arms)


@for_all(some.integers(0, 10_000), some.integers(1, 10**12))
def test_a_larger_hold_out_holds_out_the_same_people_and_more(share, member):
    """Otherwise a changed share would draw everybody anew."""
    is_out = holdout("s", 1, member, Shares(share, (("A", 10_000 - share),))) == "holdout"

    assert is_out == (bucket("s", 1, member) < share)


@for_all(some.integers(1, 10**12))
def test_a_share_ends_before_its_limit(member):
    drawn = bucket("s", 1, member)

    assert holdout("s", 1, member, Shares(drawn, (("A", 10_000 - drawn),))) == "A"
    assert holdout("s", 1, member, Shares(drawn + 1, (("A", 9_999 - drawn),))) == "holdout"


def test_each_campaign_draws_anew_and_evenly():
    one = [bucket("s", 1, member) < 1000 for member in range(20_000)]
    two = [bucket("s", 2, member) < 1000 for member in range(20_000)]
    both = Counter(zip(one, two, strict=True))

    assert 1900 < sum(one) < 2100
    assert 150 < both[True, True] < 250  # 200 by chance
