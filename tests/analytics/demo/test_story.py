"""The demo store is a whole fashion store: enough of everything a page has to show."""

from datetime import date

import pytest

from analytics.demo.seasons import activity, weight

pytestmark = pytest.mark.usefixtures("tiny")


def test_it_has_about_as_many_orders_as_its_size_says(ask):
    assert 540 <= ask("SELECT count(*) FROM products_order")[0][0] <= 660


def test_orders_come_from_five_channels_by_their_weight(ask):
    shares = ask(
        "SELECT c.code, count(*) FROM products_order o JOIN products_channel c ON c.id = o.channel_id GROUP BY 1 ORDER BY 2 DESC"
    )

    assert [code for code, _ in shares][:2] == ["qinghe-tmall", "qinghe-douyin"]
    assert len(shares) == 5


def test_most_goods_are_mapped_and_some_are_not(ask):
    mapped, all_of_them = ask("SELECT count(sku_id), count(*) FROM products_channelitem WHERE is_goods")[0]

    assert 0.9 < mapped / all_of_them < 1


def test_every_state_a_page_must_show_occurs(ask):
    states = {state for (state,) in ask("SELECT DISTINCT state FROM products_order")}

    assert states >= {"unpaid", "closed_unpaid", "paid", "shipped", "finished", "closed_refunded"}


def test_some_refunds_wait_for_an_answer(ask):
    assert ask("SELECT count(*) FROM products_refund WHERE state = 'open' AND due_at IS NOT NULL")[0][0] > 0


def test_buyers_come_back(ask):
    assert ask("SELECT count(*) FROM customers_customervalue WHERE orders > 1")[0][0] > 50


def test_phones_are_of_a_range_no_network_gives_out_and_mostly_masked(ask):
    tails, ciphers, strange = ask(
        "SELECT count(*), count(phone), count(*) FILTER (WHERE phone_mask NOT LIKE '154****____') FROM products_ordercontact"
    )[0]

    assert strange == 0
    assert 0 < ciphers < tails / 3


def test_one_day_of_one_channel_never_came_and_no_file_spans_it(ask):
    days = ask(
        """
        SELECT c.code, d.day::date::text FROM products_channel c
        CROSS JOIN generate_series(date '2026-09-01', date '2026-11-18', interval '1 day') d (day)
        WHERE NOT EXISTS (
            SELECT FROM products_channelspan s WHERE s.channel_id = c.id AND d.day BETWEEN s.first_day AND s.last_day
        )
        """
    )

    assert days == [("qinghe-douyin", "2026-11-12")]


def test_the_file_of_that_day_was_refused(ask):
    assert ask("SELECT channel_code, state, (SELECT count(*) FROM shopops_importreject r WHERE r.batch_id = b.id)"
               " FROM shopops_importbatch b WHERE state <> 'done'") == [("qinghe-douyin", "refused", 2)]  # fmt: skip


def test_one_channel_lags_two_days_behind(ask):
    assert ask("SELECT code FROM products_channel WHERE data_through < timestamptz '2026-11-18 17:00Z'") == [
        ("qinghe-jd",)
    ]


def test_the_present_month_has_a_plan_with_a_weight_for_each_day(ask):
    plans = dict(ask("SELECT month::text, jsonb_array_length(weights) FROM products_salesplan WHERE amount > 0"))

    assert plans == {"2026-08-01": 31, "2026-09-01": 30, "2026-10-01": 31, "2026-11-01": 30, "2026-12-01": 31}


def test_activities_swell_the_day_and_the_festival_empties_it():
    last = date(2026, 11, 20)

    assert activity(date(2025, 11, 11))[0] == "双11"
    assert weight(date(2026, 6, 18), last) > 3 * weight(date(2026, 5, 28), last)
    assert weight(date(2026, 2, 17), last) < 0.4 * weight(date(2026, 3, 17), last)
