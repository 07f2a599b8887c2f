"""The reference agrees with the handbook, so that the SQL may be compared with the reference."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from shopops.money import round_half_up
from tests import sales_reference as reference
from tests.handbook import cases


def shown(value, like):
    """Write a figure with the places the handbook shows."""
    if isinstance(value, Decimal | Fraction) and isinstance(like, str):
        return str(round_half_up(value, len(like.partition(".")[2])))
    return value


def shown_all(found, expected):
    return {name: shown(value, expected[name]) for name, value in found.items()}


@pytest.mark.parametrize(*cases("daily_metrics"))
def test_the_metrics_of_a_day(given, expected):
    found = reference.daily_metrics(given["day"], given["orders"], given.get("refunds", []), given["visitors"])

    assert shown_all(found, expected) == expected


@pytest.mark.parametrize(*cases("buyer_metrics"))
def test_old_and_new_buyers_and_those_who_come_back(given, expected):
    found = reference.buyer_metrics(date.fromisoformat(given["from"]), date.fromisoformat(given["to"]), given["orders"])

    assert shown_all(found, expected) == expected


@pytest.mark.parametrize(*cases("refund_basis"))
def test_net_by_refund_day_and_by_order(given, expected):
    found = reference.refund_basis(given["orders"], given["refunds"])

    days = {view: {day: str(net) for day, net in found[view].items()} for view in ("by_refund_day", "by_order")}
    assert {**days, "total": str(found["total"])} == expected


@pytest.mark.parametrize(*cases("distinct"))
def test_buyers_do_not_add_up_over_days(given, expected):
    assert reference.distinct(given["days"]) == expected


@pytest.mark.parametrize(*cases("recon"))
def test_rollups_and_platforms_are_held_against_facts(given, expected):
    assert reference.recon(given["facts"], given["rollups"], given["platform"]) == expected
