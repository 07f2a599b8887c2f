"""The files the demo orders are said to come from: one a channel and month, and one that was refused."""

from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

from analytics.demo.chance import apportioned
from analytics.demo.seasons import HOURS, HOURS_OF_ACTIVITY, activity, weight
from analytics.demo.story import MARK, Pen, Story
from analytics.demo.words import HOLE_DAYS_AGO, HOLE_SHOP, SHOPS, Shop
from products.orders.checking import rows_refused
from products.orders.formats.cells import no_amount, no_moment
from shopops import clock
from shopops.exchange.models import ImportBatch, ImportReject, Upload
from shopops.words import in_each_language, written

HOUR_SLOTS: Final = 240


class Slot(NamedTuple):
    """The orders of one channel and day, numbered from ``first``."""

    shop: int
    day: date
    first: int
    count: int  # type: ignore[assignment]  # a field in place of the tuple's method
    part: int  # which of the channel's files
    hours: int  # which table of hours: 0 plain, 1 an activity's peak, else the day is cut
    price: float
    busy: bool


def slots(story: Story) -> list[Slot]:
    """Lay out how many orders each channel and day has; the sum is near the size asked for."""
    days = story.days()
    weights = {day: weight(day, story.last) for day in days}
    scale = story.orders / sum(
        weight * shop.share * _grown(shop, day, story.last) for day, weight in weights.items() for shop in SHOPS
    )
    rows: list[Slot] = []
    number = 1
    for no, shop in enumerate(SHOPS):
        as_of = story.moment - timedelta(hours=shop.lag_hours)
        for day in days:
            part = _part(story, shop, day)
            portion = _portion(day, as_of)
            if part is None or portion == 0:
                continue
            share = shop.share * _grown(shop, day, story.last)
            count = story.chance.count(weights[day] * scale * share * portion, "orders", shop.code, day.isoformat())
            name, factor, price = activity(day)
            hours = 2 + no if portion < 1 else 1 if factor > 2 else 0
            rows.append(Slot(no, day, number, count, part, hours, price, bool(name)))
            number += count
    return rows


def _grown(shop: Shop, day: date, last: date) -> float:
    grown: float = (1 + shop.growth) ** ((day - last).days / 365)
    return grown


def _part(story: Story, shop: Shop, day: date) -> int | None:
    """Return the number of the file a day's orders stand in; None for the day that never came.

    The month of that day came in two files, so that no file spans the gap.
    """
    if shop.code != HOLE_SHOP:
        return 2 * story.month(day)
    hole = hole_of(story)
    if day == hole:
        return None
    return 2 * story.month(day) + (day > hole and story.month(day) == story.month(hole))


def hole_of(story: Story) -> date:
    """Return the day of :data:`HOLE_SHOP` that never came: one of the last two weeks, no activity's."""
    days = [story.last - timedelta(days=ago) for ago in HOLE_DAYS_AGO]
    return next((day for day in days if not activity(day)[0]), days[0])


def _portion(day: date, as_of: datetime) -> float:
    """Return which share of a day's orders lies before ``as_of``."""
    begin, end = clock.day_range(day)
    if as_of >= end:
        return 1.0
    if as_of <= begin:
        return 0.0
    hours = int((as_of - begin).total_seconds() // 3600)
    return sum(HOURS[:hours]) / sum(HOURS)


def hour_tables(story: Story) -> list[tuple[int, int, int]]:
    """Return rows (table, slot, hour): plain days, activities, and one table for each channel's cut day."""
    tables = [list(HOURS), list(HOURS_OF_ACTIVITY)]
    for shop in SHOPS:
        as_of = story.moment - timedelta(hours=shop.lag_hours)
        last = clock.store_time(as_of - timedelta(seconds=1)).hour
        tables.append([weight if hour <= last else 0 for hour, weight in enumerate(HOURS)])
    rows = []
    for number, weights in enumerate(tables):
        filled = [hour for hour, count in enumerate(apportioned(weights, HOUR_SLOTS)) for _ in range(count)]
        rows += [(number, slot, hour) for slot, hour in enumerate(filled)]
    return rows


def write_files(pen: Pen, story: Story, laid: list[Slot]) -> None:
    """Make uploads and batches and the table ``demo_batch`` (shop, part, batch_id)."""
    wanted: dict[tuple[int, int], list[Slot]] = {}
    for slot in laid:
        wanted.setdefault((slot.shop, slot.part), []).append(slot)
    made: list[ImportBatch] = []
    for (shop, _part), of_file in wanted.items():
        last = of_file[-1].day
        at = min(story.moment, clock.day_range(last)[1] + timedelta(hours=9))
        orders = sum(slot.count for slot in of_file)
        made.append(_batch(story, SHOPS[shop], f"{of_file[0].day:%Y%m%d}-{last:%m%d}", orders, at))
    refused = _refused(story)
    Upload.objects.bulk_create([batch.upload for batch in [*made, refused]])
    ImportBatch.objects.bulk_create([*made, refused])
    _write_rejects(refused)
    rows = [(shop, part, batch.pk) for (shop, part), batch in zip(wanted, made, strict=True)]
    pen.table("demo_batch", "shop int, part int, batch_id bigint", rows)


def _batch(story: Story, shop: Shop, days: str, orders: int, at: datetime) -> ImportBatch:
    name = f"{shop.file}{days}.csv"
    key = f"{MARK}:{story.seed}:{story.size}:{story.moment.isoformat()}:{shop.code}:{name}"
    upload = Upload(sha256=sha256(key.encode()).digest(), name=name, size=4096 + orders * 512, path="", created_at=at)
    return ImportBatch(
        upload=upload,
        channel_code=shop.code,
        format=shop.format,
        format_version=MARK,
        reading={"title": shop.format_title, "encoding": "utf-8", "delimiter": ",", "header_row": 1},
        state=ImportBatch.State.DONE,
        created_at=at,
        merged_at=at,
        finished_at=at,
    )


def _refused(story: Story) -> ImportBatch:
    """The file of the day that never came: two of its rows were wrong, so nothing of it was taken."""
    shop = next(shop for shop in SHOPS if shop.code == HOLE_SHOP)
    day = hole_of(story)
    at = clock.day_range(day)[1] + timedelta(hours=9, minutes=20)
    orders = 6 + story.orders // 3000
    batch = _batch(story, shop, f"{day:%Y%m%d}-{day:%m%d}", orders, min(at, story.moment))
    batch.state = ImportBatch.State.REFUSED
    batch.merged_at = None
    batch.counts = {"rows": orders, "refused": 2}
    batch.refusal = {"code": "rows", **written(rows_refused(batch))}
    return batch


def _write_rejects(batch: ImportBatch) -> None:
    rows = (
        (3, "订单应付金额", "一百二十九", no_amount()),
        (5, "订单提交时间", "2026-13-05 10:22", no_moment()),
    )
    ImportReject.objects.bulk_create(
        ImportReject(
            batch=batch,
            row_no=row,
            column=column,
            value=value,
            code=error.code,
            message=str(error),
            said=in_each_language(error.message),
        )
        for row, column, value, error in rows
    )


def write_slots(pen: Pen, story: Story, laid: list[Slot]) -> None:
    """Make the tables ``demo_slot`` and ``demo_hour`` the orders grow from."""
    pen.table(
        "demo_slot",
        "shop int, day date, first bigint, count int, part int, hours int, price float8, busy bool, month int",
        [(*slot, story.month(slot.day)) for slot in laid],
    )
    pen.table("demo_hour", "hours int, slot int, hour int", hour_tables(story))


def write_spans(pen: Pen) -> None:
    """Note how far files and channels reach, once the orders stand."""
    pen.run(
        """
        UPDATE shopops_importbatch b SET data_from = o.first, data_through = o.through, counts = jsonb_build_object(
            'rows', o.lines, 'staged', o.lines, 'orders', o.orders, 'new', o.orders, 'changed', 0, 'equal', 0, 'tie_changed', 0,
            'lines_new', o.lines, 'lines_changed', 0, 'check_lines', 0, 'refunds', o.refunds, 'refunds_new', o.refunds,
            'refunds_changed', 0, 'refunds_without_order', 0, 'refused', 0)
        FROM (
            SELECT d.batch_id, min(o.created_at) AS first, max(o.source_time) AS through, count(o.id) AS orders,
                   coalesce(sum(o.line_count), 0) AS lines, count(r.n) AS refunds
            FROM demo_batch d LEFT JOIN demo_o o USING (batch_id) LEFT JOIN demo_r r ON r.n = o.n GROUP BY 1
        ) o WHERE o.batch_id = b.id
        """
    )
    pen.run(
        """
        INSERT INTO products_channelspan (channel_id, batch_id, first_day, last_day)
        SELECT s.channel_id, b.batch_id, min(t.day), max(t.day)
        FROM demo_batch b JOIN demo_shop s ON s.no = b.shop JOIN demo_slot t ON t.shop = b.shop AND t.part = b.part
        GROUP BY 1, 2 ORDER BY 2
        """
    )
    pen.run(
        """
        UPDATE products_channel c SET data_from = o.first, data_through = o.through
        FROM (
            SELECT channel_id, min(created_at) AS first, max(source_time) AS through FROM demo_o GROUP BY 1
        ) o WHERE o.channel_id = c.id
        """
    )
