"""What a list's filters take from the URL and say on their chips."""

from datetime import date

import pytest

from shopops.ui import filters
from shopops.ui.filters import BadFilter, Choice, Days, Flag, Number, range_of

PAID = Days("paid", "Paid")
STATE = Choice("state", "State", choices=[("paid", "To ship"), ("held", "On hold")], many=True)


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("today", "2026-03-24", "2026-03-24"),
        ("yesterday", "2026-03-23", "2026-03-23"),
        ("last7", "2026-03-18", "2026-03-24"),
        ("last30", "2026-02-23", "2026-03-24"),
        ("month", "2026-03-01", "2026-03-24"),
        ("last_month", "2026-02-01", "2026-02-28"),
        ("quarter", "2026-01-01", "2026-03-24"),
    ],
)
def test_quick_picks_mean_whole_store_days(code, first, last):
    assert range_of(code, date(2026, 3, 24)) == (date.fromisoformat(first), date.fromisoformat(last))


def test_every_quick_pick_has_a_meaning():
    assert all(range_of(code) for code, _label in filters.RANGES)


@pytest.mark.parametrize(
    ("item", "given"),
    [
        (PAID, {"paid_from": "2026-13-01"}),
        (PAID, {"paid_from": "20260301"}),
        (PAID, {"paid_from": "2026-03-02", "paid_to": "2026-03-01"}),
        (PAID, {"paid_to": "0001-01-01"}),
        (STATE, {"state": "paid,lost"}),
        (Flag("late", "Late"), {"late": "yes"}),
        (Number("batch", "Import"), {"batch": "-1"}),
        (Number("batch", "Import"), {"batch": "９"}),
        (Number("batch", "Import"), {"batch": "9" * 30}),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(item, given):
    with pytest.raises(BadFilter):
        item.parse(given)


def test_one_side_of_a_range_may_stay_open():
    assert PAID.parse({"paid_from": "2026-03-01"}) == (date(2026, 3, 1), None)
    assert PAID.parse({}) is None


def test_several_choices_are_read_and_said():
    value = STATE.parse({"state": "paid,held"})

    assert value == ["paid", "held"]
    assert STATE.words(value) == "To ship, On hold"


@pytest.mark.parametrize("text", ["2025-W01-1", "20250301", "2025/03/01", "２０２５-03-01"])
def test_a_day_in_an_address_has_one_spelling(client_of, text):
    manager = client_of("manager")

    assert manager.get("/orders/", {"created_from": text}).status_code == 400
    assert manager.get("/sales/days/", {"day_from": text}).status_code == 404
    assert manager.get("/api/v1/figures/", {"metrics": "paid", "from": text, "to": "2025-03-01"}).status_code in {
        400,
        422,
    }
