"""Every figure the data sets' own description states, asked from the product after importing the real files.

    python -m bench.real_figures [FOLDER]      # ../shared/data by default; nothing is done where it is absent

Imports into the database of the environment, unless the channels ``retail`` and ``tmall`` hold orders
already. Prints OK or FAIL per figure; exit 1 when one differs. Not shown by the product: ABC classes and
cohorts. Online Retail: UCI 352, Chen, Sain, Guo (2012), CC BY 4.0.
"""

import os
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import django

FILES: Final = {
    "retail": ("online_retail_2010_2011.csv.gz", "GBP"),
    "tmall": ("tmall_order_report_2020_02.csv.gz", "CNY"),
}
YEAR: Final = (date(2010, 12, 1), date(2011, 12, 9))
FEBRUARY: Final = (date(2020, 2, 1), date(2020, 3, 1))
MONTHS: Final = """
2010-12 1559 823746.140 74789.120 748957.020
2011-01 1086 691364.560 131364.300 560000.260
2011-02 1100 523631.890 25569.240 498062.650
2011-03 1454 717639.360 34372.280 683267.080
2011-04 1246 537808.621 44601.500 493207.121
2011-05 1681 770536.020 47202.510 723333.510
2011-06 1533 761739.900 70616.780 691123.120
2011-07 1475 719221.191 37921.080 681300.111
2011-08 1360 748076.320 54333.750 693742.570
2011-09 1837 1058590.172 38902.550 1019687.622
2011-10 2040 1154979.300 84274.630 1070704.670
2011-11 2769 1509496.330 47740.080 1461756.250
2011-12 819 638792.680 205124.670 433668.010
"""
Row = tuple[str, object, object]  # what, expected, got


def value(code: str, days: tuple[date, date], channel: str, **more: Any) -> dict[str, Decimal | None]:
    """Return {key: value} of one metric in one channel, in the order the product gives."""
    from products.sales.figures import figures

    return {row.key: row.value for row in figures([code], *days, channel=channel, **more)}


def total(code: str, days: tuple[date, date], channel: str, **more: Any) -> Decimal | None:
    return value(code, days, channel, **more)["total"]


def numbers(text: str) -> list[Decimal]:
    return [Decimal(part) for part in text.split()]


def retail() -> Iterator[Row]:
    """Section 1: totals, months, weekdays, hours, countries, items, buyers, documents."""
    for code, expected in {
        "orders": 19959, "pieces": 5588375, "paid": "10655622.484", "refunds": "896812.490", "net": "9758809.994",
        "buyers": 4338, "aov_order": "533.875569",
    }.items():  # fmt: skip
        yield code, expected, total(code, YEAR, "retail")
    yield "aov_buyer", "2054.2665", round(total("aov_buyer", YEAR, "retail") or 0, 4)
    yield "repurchase_rate, 374 days", "0.655832", total("repurchase_rate", YEAR, "retail", window=374)
    for line in MONTHS.split("\n"):
        if line:
            month, *expected = line.split()
            for code, figure in zip(("orders", "paid", "refunds", "net"), expected, strict=True):
                yield f"{code} {month}", figure, value(code, YEAR, "retail", by="month")[month]
    weekdays = value("orders", YEAR, "retail", by="weekday")
    yield "orders by weekday", numbers("3126 3554 3690 4246 3139 0 2204"), list(weekdays.values())
    hours = list(value("orders", YEAR, "retail", by="hour").values())
    yield "orders by hour 6…20", numbers("1 29 566 1484 2361 2396 3219 2753 2456 2336 1335 667 192 146 18"), hours[6:21]
    yield "orders in other hours", 0, sum(hours[:6] + hours[21:])
    places = value("paid", YEAR, "retail", by="province")
    yield (
        "top countries",
        [
            ("United Kingdom", Decimal("9014160.024")),
            ("Netherlands", Decimal("285446.340")),
            ("EIRE", Decimal("283453.960")),
            ("Germany", Decimal("228867.140")),
            ("France", Decimal("209715.110")),
        ],
        list(places.items())[:5],
    )
    orders = value("orders", YEAR, "retail", by="province")
    yield "their orders", numbers("18018 94 288 457 392"), [orders[key] for key in list(places)[:5]]
    days = value("paid", YEAR, "retail", by="day")
    best = sorted(((figure or 0, day) for day, figure in days.items()), reverse=True)[:3]
    yield (
        "best days",
        [
            (Decimal("200920.600"), "2011-12-09"),
            (Decimal("114419.890"), "2011-11-14"),
            (Decimal("109612.030"), "2011-09-20"),
        ],
        best,
    )
    yield from items()
    yield from documents()
    yield from buyers()


def items() -> Iterator[Row]:
    """Items by gross beside net."""
    paid = value("paid", YEAR, "retail", by="sku")
    goods = {key: figure for key, figure in paid.items() if key[:5].isdigit() and figure}
    yield "goods SKUs sold", 3791, len(goods)
    yield "their sales", "10271034.610", sum(goods.values())
    yield (
        "top SKUs",
        [
            ("22423", Decimal("174484.740")),
            ("23843", Decimal("168469.600")),
            ("85123A", Decimal("106471.280")),
            ("47566", Decimal("99504.330")),
            ("85099B", Decimal("94340.050")),
        ],
        list(paid.items())[:5],
    )
    yield "22423: pieces", 13879, value("pieces", YEAR, "retail", by="sku")["22423"]
    yield "22423: orders", 1988, value("orders", YEAR, "retail", by="sku")["22423"]
    net = value("net", YEAR, "retail", by="sku")
    yield "23843 by net", 0, net["23843"]
    yield "23166 pieces of 2011-01-18", 74215, value("pieces", (date(2011, 1, 18),) * 2, "retail", by="sku")["23166"]


def rows(query: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def documents() -> Iterator[Row]:
    """Counts of lines, documents and buyers the pages show; here straight from the tables."""
    of = "FROM products_order o JOIN products_channel c ON c.id = o.channel_id AND c.code = 'retail'"
    refunds = "FROM products_refund r JOIN products_channel c ON c.id = r.channel_id AND c.code = 'retail'"
    [(kept,)] = rows(f"SELECT count(*) {of} JOIN products_orderline l ON l.order_id = o.id")
    [(credited,)] = rows(f"SELECT count(*) {refunds} JOIN products_refundline l ON l.refund_id = r.id")
    yield "lines", 541909, kept + credited
    yield "lines of credits", 9288, credited
    [(adjustments, money)] = rows(
        f"SELECT count(*), sum(l.amount) {of} JOIN products_orderline l ON l.order_id = o.id WHERE o.kind = 'finance_adjustment'"
    )
    yield "adjustments", [3, Decimal("-11062.060")], [adjustments, money]
    yield (
        "sale lines",
        530103,
        rows(
            f"SELECT count(*) {of} JOIN products_orderline l ON l.order_id = o.id WHERE l.kind IN ('goods', 'charge') AND o.kind = 'sale' AND l.amount > 0"
        )[0][0],
    )
    yield (
        "free lines",
        1179,
        rows(f"SELECT count(*) {of} JOIN products_orderline l ON l.order_id = o.id WHERE l.kind = 'free'")[0][0],
    )
    yield (
        "stock adjustment lines, units",
        [(1336, -206957)],
        rows(
            f"SELECT count(*), sum(quantity)::int {of} JOIN products_orderline l ON l.order_id = o.id WHERE l.kind = 'stock_adjustment'"
        ),
    )
    yield (
        "documents",
        [22061, 3],
        [
            rows(f"SELECT count(*) {of} WHERE o.kind <> 'finance_adjustment'")[0][0],
            rows(f"SELECT count(*) {of} WHERE o.kind = 'finance_adjustment'")[0][0],
        ],
    )
    yield (
        "credit notes, money, units",
        [(3836, Decimal("896812.490"))],
        rows(f"SELECT count(*), sum(r.amount) {refunds}"),
    )
    yield (
        "units credited",
        277574,
        rows(f"SELECT sum(l.quantity) {refunds} JOIN products_refundline l ON l.refund_id = r.id")[0][0],
    )


def buyers() -> Iterator[Row]:
    """How often, how much and how lately known buyers bought; straight from the tables."""
    of = "FROM products_order o JOIN products_channel c ON c.id = o.channel_id AND c.code = 'retail'"
    people = f"SELECT o.customer_id, count(*) AS n, sum(o.paid) AS m {of} WHERE o.paid > 0 AND o.kind = 'sale' AND o.customer_id IS NOT NULL GROUP BY 1"
    yield (
        "orders and money of known buyers",
        [(18532, Decimal("8911407.904"))],
        rows(f"SELECT sum(n)::int, sum(m) FROM ({people}) p"),
    )
    yield (
        "buyers by 1 … 6 orders",
        [1493, 835, 508, 388, 242, 172],
        [row[0] for row in rows(f"SELECT count(*) FROM ({people}) p WHERE n <= 6 GROUP BY n ORDER BY n")],
    )
    yield "bought twice or more", 2845, rows(f"SELECT count(*) FROM ({people}) p WHERE n > 1")[0][0]
    yield "most orders, most money", [(209, Decimal("280206.020"))], rows(f"SELECT max(n), max(m) FROM ({people}) p")
    ago = f"SELECT o.customer_id, date '2011-12-10' - max((o.paid_at AT TIME ZONE 'Asia/Shanghai')::date) AS d {of} WHERE o.paid > 0 AND o.kind = 'sale' AND o.customer_id IS NOT NULL GROUP BY 1"
    yield (
        "recency",
        [(1628, 1261, 588, 861)],
        rows(
            f"SELECT count(*) FILTER (WHERE d <= 30), count(*) FILTER (WHERE d BETWEEN 31 AND 90), count(*) FILTER (WHERE d BETWEEN 91 AND 180), count(*) FILTER (WHERE d > 180) FROM ({ago}) p"
        ),
    )
    yield "median recency", 51, int(rows(f"SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY d) FROM ({ago}) p")[0][0])


def tmall() -> Iterator[Row]:
    """Section 2."""
    for code, expected in {
        "orders": 24087, "unpaid_orders": 3923, "pay_rate": "0.859943", "gmv": "2995760.61", "paid": "2474823.07",
        "refunds": "572335.92", "net": "1902487.15", "refund_rate": "0.231263", "refund_rate_orders": "0.234400",
    }.items():  # fmt: skip
        yield code, expected, total(code, FEBRUARY, "tmall")
    hours = (
        "872 442 288 163 118 94 209 474 724 1105 1473 1429 1201 1164 1285 1516 1305 1059 1095 1334 1676 1866 1801 1394"
    )
    yield "orders by hour", numbers(hours), list(value("orders", FEBRUARY, "tmall", by="hour").values())
    places = value("orders", FEBRUARY, "tmall", by="province")
    yield (
        "orders by province",
        [
            ("上海市", 3060),
            ("广东省", 2022),
            ("北京市", 1853),
            ("江苏省", 1845),
            ("浙江省", 1822),
            ("四川省", 1752),
            ("山东省", 1484),
            ("天津市", 1031),
        ],
        list(places.items())[:8],
    )
    orders, net = (value(code, FEBRUARY, "tmall", by="day") for code in ("orders", "net"))
    for text in (
        "02-01 163 7031.00",
        "02-04 417 21926.74",
        "02-08 2 38.00",
        "02-12 1 22.00",
        "02-16 0 0",
        "02-17 332 22819.59",
        "02-25 2936 228983.20",
        "02-29 1820 157980.30",
        "03-01 6 298.00",
    ):
        day, *expected = text.split()
        yield f"orders, net {day}", numbers(" ".join(expected)), [orders[f"2020-{day}"], net[f"2020-{day}"]]
    of = "FROM products_order o JOIN products_channel c ON c.id = o.channel_id AND c.code = 'tmall'"
    yield "orders", 28010, rows(f"SELECT count(*) {of}")[0][0]
    yield "unpaid total", Decimal("520937.54"), rows(f"SELECT sum(payable) {of} WHERE o.paid_at IS NULL")[0][0]
    yield (
        "refunded: all, full, part",
        [(5646, 5132, 514)],
        rows(
            f"SELECT count(*), count(*) FILTER (WHERE refunded >= paid), count(*) FILTER (WHERE refunded < paid) {of} WHERE refunded > 0"
        ),
    )
    yield "all orders to 湖北省", 75, rows(f"SELECT count(*) {of} WHERE province = '湖北省'")[0][0]
    pays = "extract(epoch FROM o.paid_at - o.created_at)::int"
    yield (
        "seconds to payment: median, ¾, most",
        [(8, 15, 85930)],
        rows(
            f"SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY {pays}), percentile_disc(0.75) WITHIN GROUP (ORDER BY {pays}), max({pays}) {of} WHERE o.paid_at IS NOT NULL"
        ),
    )
    yield (
        "paid within a minute",
        Decimal("90.89"),
        rows(
            f"SELECT round(100.0 * count(*) FILTER (WHERE {pays} <= 60) / count(*), 2) {of} WHERE o.paid_at IS NOT NULL"
        )[0][0],
    )


def same(expected: object, got: object) -> bool:
    if isinstance(expected, str | int | Decimal) and got is not None and not isinstance(got, str | list):
        return Decimal(expected) == Decimal(str(got))
    return expected == got


def bring(folder: Path) -> None:
    """Import the files into their channels where these hold nothing yet."""
    from django.core.management import call_command

    from products.channels.models import Channel

    for code, (name, currency) in FILES.items():
        if not Channel.objects.filter(code=code, data_through__isnull=False).exists():
            try:
                call_command(
                    "import_orders", str(folder / name), channel=code, new_channel=code.title(), currency=currency
                )
            except SystemExit as ended:
                if ended.code:
                    raise


def check(folder: Path) -> int:
    """Print each figure; return how many are wrong."""
    bring(folder)
    wrong = count = 0
    for name, section in (("Online Retail", retail), ("Tmall report", tmall)):
        print(name)
        for what, expected, got in section():
            good = same(expected, got)
            count, wrong = count + 1, wrong + (not good)
            print(f"  {'OK  ' if good else 'FAIL'} {what}: {expected}" + ("" if good else f", got {got}"))
    print(f"{count} figures, {wrong} wrong. Not shown: ABC classes, cohorts.")
    return wrong


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    if not (folder / FILES["retail"][0]).exists():
        print(f"{folder}: no data; nothing to check.")
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopops.settings")
    django.setup()
    return 1 if check(folder) else 0


if __name__ == "__main__":
    sys.exit(main())
