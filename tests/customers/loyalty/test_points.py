"""The ledger of points: lots, debts, expiry (handbook 3 §4)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.loyalty.points import Account, Earn, Refund, Spend, expiry, points
from tests.handbook import cases

FIRST = date(2026, 1, 1)
day = date.fromisoformat


def event(row):
    on = day(row["on"])
    if row["do"] == "earn":
        return Earn(on, row["order"], Decimal(row["net"]), factor=Decimal(row.get("multiplier", "1")))
    if row["do"] == "refund":
        return Refund(on, row["order"], Decimal(row["amount"]))
    return Spend(on, row["points"])


@pytest.mark.parametrize(*cases("points"))
def test_points_are_earned_spent_taken_back_and_run_out(given, expected):
    account = points([event(row) for row in given["events"]], day(given["as_of"]))

    assert {
        "log": [[entry.on.isoformat(), "refused" if entry.points is None else entry.points] for entry in account.log],
        "balance": account.balance,
        "expired": account.expired,
        "lots": [[lot.earned.order, lot.expires.isoformat(), lot.left] for lot in account.lots],
        "liability": str(account.liability(Decimal(given.get("redemption_rate", "1")))),
    } == expected


@pytest.mark.parametrize(
    ("earned", "expires"),
    [
        ("2026-03-15", "2027-03-31"),
        ("2026-12-31", "2027-12-31"),
        ("2027-02-01", "2028-02-29"),
        ("2026-01-31", "2027-01-31"),
    ],
)
def test_points_run_out_at_the_end_of_the_twelfth_month(earned, expires):
    assert expiry(day(earned)) == day(expires)


def test_points_are_valid_on_their_last_day():
    earned = Earn(day("2025-03-15"), "1", Decimal(100))

    assert points([earned], day("2026-03-31")).balance == 100
    assert points([earned], day("2026-04-01")).balance == 0
    assert points([earned, Spend(day("2026-03-31"), 100)], day("2026-04-01")).expired == 0
    assert points([earned, Spend(day("2026-04-01"), 1)], day("2026-04-01")).log[-1].points is None


def test_a_refund_takes_from_its_own_lot_first_then_from_the_oldest():
    account = points(
        [
            Earn(day("2026-01-05"), "old", Decimal(50)),
            Earn(day("2026-02-05"), "own", Decimal(100)),
            Earn(day("2026-03-05"), "new", Decimal(50)),
            Spend(day("2026-03-06"), 90),  # 50 of old, 40 of own
            Refund(day("2026-03-07"), "own", Decimal(100)),  # 60 of own, 40 of new
        ],
        day("2026-03-07"),
    )

    assert [(lot.earned.order, lot.left) for lot in account.lots] == [("old", 0), ("own", 0), ("new", 10)]
    assert account.debt == 0


def test_a_refund_leaves_older_lots_alone_as_long_as_its_own_has_enough():
    account = points(
        [Earn(FIRST, "old", Decimal(50)), Earn(FIRST, "own", Decimal(100)), Refund(FIRST, "own", Decimal(70))], FIRST
    )

    assert [(lot.earned.order, lot.left) for lot in account.lots] == [("old", 50), ("own", 30)]


def test_what_is_refunded_before_it_earned_takes_nothing():
    assert points([Refund(FIRST, "1", Decimal(10))], FIRST).balance == 0


def test_several_refunds_of_one_order_take_what_one_would():
    earned = Earn(FIRST, "1", Decimal("99.90"))
    thirds = [Refund(FIRST, "1", Decimal("33.30"))] * 3

    assert points([earned, *thirds], FIRST).balance == 0
    assert [entry.points for entry in points([earned, *thirds], FIRST).log] == [99, -33, -33, -33]


def test_an_order_earns_once():
    with pytest.raises(ValueError, match="has earned already"):
        points([Earn(FIRST, "1", Decimal(10)), Earn(FIRST, "1", Decimal(10))], FIRST)


def test_the_past_is_not_booked_after_the_present():
    with pytest.raises(ValueError, match="in the order of days"):
        points([Spend(FIRST, 1), Spend(FIRST - timedelta(days=1), 1)], FIRST)


@pytest.mark.parametrize("wanted", [0, -5, 101])
def test_only_points_that_are_there_are_spent(wanted):
    account = points([Earn(FIRST, "1", Decimal(100)), Spend(FIRST, wanted)], FIRST)

    assert account.log[-1].points is None
    assert account.balance == 100


def test_a_debt_is_no_liability():
    owing = points([Earn(FIRST, "1", Decimal(100)), Spend(FIRST, 100), Refund(FIRST, "1", Decimal(100))], FIRST)

    assert (owing.balance, owing.liability()) == (-100, Decimal("0.00"))


amounts = some.decimals(0, 500, places=2)
steps = some.lists(
    some.tuples(some.integers(0, 60), some.sampled_from(["earn", "refund", "spend"]), some.integers(1, 5), amounts),
    max_size=25,
)


def story(rows):
    """Make events on rising days of rows (days later, what, which order, amount)."""
    on, made, earned = FIRST, [], set()
    for later, what, number, amount in rows:
        on += timedelta(days=later)
        if what == "earn":
            order = f"{number}-{len(earned)}"
            earned.add(order)
            made.append(Earn(on, order, amount, factor=Decimal("1.5") if number == 1 else Decimal(1)))
        elif what == "refund" and earned:
            made.append(Refund(on, sorted(earned)[number % len(earned)], amount))
        elif what == "spend":
            made.append(Spend(on, int(amount)))
    return made


@for_all(steps, some.integers(0, 500))
def test_no_point_is_lost_or_made(rows, later):
    """What came in is spent, taken back, run out, or still there; nothing is ever below zero but an owing balance."""
    account, told = Account(), story(rows)

    for event in told:
        account.book(event)
        assert all(lot.left >= 0 for lot in account.lots)
        assert account.debt >= 0
        assert not account.debt or account.balance == -account.debt
    account.expire((told[-1].on if told else FIRST) + timedelta(days=later))

    assert sum(entry.points or 0 for entry in account.log) - account.expired == account.balance
    assert account.liability() >= 0


@for_all(steps)
def test_spending_never_makes_a_debt(rows):
    account = Account()

    for event in story(rows):
        before = account.balance
        entry = account.book(event)
        if isinstance(event, Spend) and entry.points is not None:
            assert 0 <= account.balance <= before - event.points


@for_all(some.lists(some.tuples(amounts, some.lists(amounts, max_size=3)), max_size=5), some.randoms())
def test_without_spending_and_expiry_only_what_is_kept_counts_in_any_order(told, chance):
    """Orders may earn and be refunded in any order within their year, as long as each earns before its refunds."""
    earned = {str(number): Earn(FIRST, str(number), net) for number, (net, _refunds) in enumerate(told)}
    waiting = [
        [earned[str(number)], *(Refund(FIRST, str(number), amount) for amount in refunds)]
        for number, (_net, refunds) in enumerate(told)
    ]
    events = []
    while waiting := [queue for queue in waiting if queue]:
        events.append(chance.choice(waiting).pop(0))

    kept = sum(earned[str(number)].points(net - sum(refunds)) for number, (net, refunds) in enumerate(told))
    assert points(events, FIRST).balance == kept


@for_all(steps)
def test_what_runs_out_first_is_spent_first(rows):
    account = Account()

    for event in story(rows):
        before = [lot.left for lot in account.lots]
        entry = account.book(event)
        if isinstance(event, Spend) and entry.points is not None:
            touched = [lot for lot, left in zip(account.lots, before, strict=True) if lot.left < left]
            last = max(lot.expires for lot in touched if lot.expires >= event.on)
            assert all(lot.left == 0 for lot in account.lots if lot.expires < last)
