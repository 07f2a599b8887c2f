"""Paging by the last row's values: every row once, in order, whatever happens meanwhile."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopops.accounts.models import Department
from shopops.history.actor import SYSTEM, acting
from shopops.ui import keyset

ORDER = ("-position", "-id")
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
positions = st.lists(st.integers(0, 3), max_size=14)  # few values: many equal keys


class Undo(Exception):
    """Ends an example and takes its rows away."""


def rows_of(places, prefix="row"):
    return Department.objects.bulk_create(
        Department(code=f"{prefix}-{number}", name="x", position=place) for number, place in enumerate(places)
    )


def mine():
    return Department.objects.filter(code__contains="-")


def walk(size, between=lambda: None):
    """Return every row of all pages from the first to the last."""
    seen, after = [], ""
    while True:
        page = keyset.page(mine(), ORDER, size=size, after=after)
        seen += page.rows
        if not page.after:
            return seen, page
        after = page.after
        between()


@pytest.mark.django_db
@FEW
@given(places=positions, size=st.integers(1, 5))
def test_forwards_every_row_comes_once_in_order(places, size):
    with pytest.raises(Undo), transaction.atomic(), acting(SYSTEM):
        rows_of(places)

        seen, _last = walk(size)

        assert [row.pk for row in seen] == list(mine().order_by(*ORDER).values_list("pk", flat=True))
        raise Undo


@pytest.mark.django_db
@FEW
@given(places=positions, size=st.integers(1, 5))
def test_backwards_from_the_last_page_the_same_rows_come_back(places, size):
    with pytest.raises(Undo), transaction.atomic(), acting(SYSTEM):
        rows_of(places)
        _seen, last = walk(size)
        back, page = list(reversed(last.rows)), last

        while page.before:
            page = keyset.page(mine(), ORDER, size=size, before=page.before)
            back += reversed(page.rows)

        assert [row.pk for row in reversed(back)] == list(mine().order_by(*ORDER).values_list("pk", flat=True))
        raise Undo


@pytest.mark.django_db
@FEW
@given(places=positions, size=st.integers(1, 4), added=st.integers(0, 3))
def test_rows_with_equal_keys_that_come_meanwhile_hide_and_repeat_none(places, size, added):
    with pytest.raises(Undo), transaction.atomic(), acting(SYSTEM):
        known = {row.pk for row in rows_of(places)}
        rounds = iter(range(10_000))

        seen, _last = walk(
            size, between=lambda: rows_of([added], prefix=f"new-{next(rounds)}") if len(mine()) < 40 else None
        )

        ids = [row.pk for row in seen]
        assert len(ids) == len(set(ids))
        assert known <= set(ids)
        raise Undo


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cursor", ["x", "eyJhIjoxfQ", "WyIxIl0", "W251bGwsMV0", "bm90IGpzb24", "WyIxIiwiMSIsIjEiXQ", "é"]
)
def test_a_cursor_nobody_gave_out_is_refused(cursor):
    with pytest.raises(keyset.BadCursor):
        keyset.page(mine(), ORDER, size=5, after=cursor)


@pytest.mark.django_db
def test_the_bound_comes_before_the_or_so_that_an_index_serves_it():
    first = keyset.page(Department.objects.all(), ORDER, size=1)

    sql = str(Department.objects.filter(keyset._beyond(Department, ORDER, [1, 5])).query)

    assert first.after
    assert '"position" <= 1 AND (' in sql
