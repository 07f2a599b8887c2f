"""The demo store's sales plans and the notes of its great days; rows people made stay theirs."""

import json
from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from analytics.demo.seasons import activity, weight
from analytics.demo.story import MARK, Pen, Story
from shopops.lunar import spring_festival

MONTHS_PLANNED: Final = 4  # three behind and the present one, and one ahead
AMBITION: Final = 1.06  # planned over expected net


def write_plans(pen: Pen, story: Story) -> None:
    """Plan the last months and the next; note in the first batch which rows are ours."""
    pen.table("demo_plan_row", "month date, amount numeric, weights jsonb", _plans(pen, story))
    pen.table("demo_note", "day date, text text", _notes(story))
    plans = pen.rows(
        """
        INSERT INTO products_salesplan (month, currency, amount, weights, updated_at)
        SELECT month, 'CNY', amount, weights, %(moment)s FROM demo_plan_row ORDER BY month
        ON CONFLICT DO NOTHING RETURNING id
        """
    )
    notes = pen.rows(
        """
        INSERT INTO products_daynote (day, text, updated_at) SELECT day, text, %(moment)s FROM demo_note ORDER BY day
        ON CONFLICT DO NOTHING RETURNING id
        """
    )
    ours = {
        "seed": story.seed,
        "size": story.size,
        "until": story.moment.isoformat(),
        "plans": [row[0] for row in plans],
        "notes": [row[0] for row in notes],
    }
    pen.run(
        """
        UPDATE shopops_importbatch SET reading = reading || %(reading)s::jsonb
        WHERE id = (SELECT min(id) FROM shopops_importbatch WHERE format_version = %(mark)s)
        """,
        reading=json.dumps({MARK: ours}),
        mark=MARK,
    )


def _plans(pen: Pen, story: Story) -> list[tuple[date, int, str]]:
    net, orders = pen.rows("SELECT coalesce(sum(paid - refunded), 0), count(*) FROM demo_o")[0]
    days = story.days()
    worth = float(net) / sum(weight(day, story.last) for day in days) if orders else 0.0
    rows = []
    for step in range(1 - MONTHS_PLANNED, 2):
        number = story.last.year * 12 + story.last.month - 1 + step
        first = date(number // 12, number % 12 + 1, 1)
        length = monthrange(first.year, first.month)[1]
        weights = [weight(first + timedelta(days=n), story.last) for n in range(length)]
        amount = max(1000, round(sum(weights) * worth * AMBITION / 1000) * 1000)
        rows.append((first, amount, json.dumps([f"{value:.2f}" for value in weights])))
    return rows


def _notes(story: Story) -> list[tuple[date, str]]:
    rows = []
    for day in story.days():
        name, factor, _price = activity(day)
        if name and factor >= 2:
            rows.append((day, f"{name} 活动日"))
        elif day == spring_festival(day.year):
            rows.append((day, "春节，快递停运，客服值班"))
    return rows
