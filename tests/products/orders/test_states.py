import pytest

from products.orders.states import MOVES, RANK, State, further, may_become
from tests.handbook import cases


@pytest.mark.parametrize(*cases("order_state"))
def test_only_the_listed_changes_are_allowed(given, expected):
    assert [may_become(*pair) for pair in given["pairs"]] == expected["allowed"]


def test_closed_orders_stay_closed_and_unknown_ones_are_not_moved_by_staff():
    ends = (State.CLOSED_UNPAID, State.CLOSED_DEPOSIT, State.CLOSED_REFUNDED, State.UNKNOWN)

    assert not any(may_become(state, wanted) for state in ends for wanted in State)


def test_every_state_but_unknown_can_be_reached():
    reached = set().union(*MOVES.values()) | {State.UNPAID, State.DEPOSIT_PAID}

    assert reached == set(State) - {State.UNKNOWN}


@pytest.mark.parametrize(
    ("ours", "told", "kept"),
    [
        ("unknown", "unpaid", "unpaid"),
        ("unpaid", "shipped", "shipped"),  # over steps
        ("packed", "paid", "packed"),  # the platform knows nothing of packing
        ("held", "paid", "held"),
        ("finished", "paid", "finished"),
        ("shipped", "intercepting", "shipped"),
        ("intercepting", "finished", "finished"),
        ("finished", "closed_refunded", "closed_refunded"),
        ("closed_refunded", "finished", "closed_refunded"),
        ("closed_unpaid", "paid", "paid"),
        ("paid", "closed_unpaid", "paid"),
        ("shipped", "unknown", "shipped"),
    ],
)
def test_a_platform_moves_an_order_forward_only(ours, told, kept):
    assert further(ours, told) == kept


def test_every_state_has_its_rank():
    assert set(RANK) == set(State)
