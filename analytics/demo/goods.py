"""The demo store's channels and garments: styles by season, each in colours and sizes, and what sells when."""

from datetime import date, timedelta
from typing import Final, NamedTuple

from analytics.demo.chance import apportioned, array
from analytics.demo.story import Pen, Story
from analytics.demo.words import COLOURS, GARMENTS, SHOPS, Garment

SLOTS: Final = 1024  # how finely a month's favourites are told apart
SEASONS: Final = ((2, "春"), (4, "夏"), (7, "秋"), (10, "冬"))  # first month on sale
STYLES_A_SEASON: Final = 9
SIZE_WEIGHTS: Final = {"S": 5, "M": 9, "L": 8, "XL": 4, "2XL": 2, "均码": 9}

WARM_WORDS: Final = ("亚麻", "冰丝", "吊带", "短袖", "雪纺", "镂空")
COLD_WORDS: Final = ("羊毛", "羊绒", "麻花", "双面呢", "羽绒", "鹅绒")


class Style(NamedTuple):
    """One garment of one season."""

    number: int
    code: str
    title: str
    garment: Garment
    season: str
    launch: date
    tag: int  # CNY
    fame: float  # how well it sells; few sell very well
    colours: tuple[tuple[str, str], ...]


class Piece(NamedTuple):
    """A style in one colour and size."""

    number: int
    style: Style
    code: str
    colour: str
    size: str
    weight: float


def styles(story: Story) -> list[Style]:
    """Return the styles that are new in the story's seasons and in the half year before."""
    found: list[Style] = []
    for year in range(story.first.year - 1, story.last.year + 1):
        for month, name in SEASONS:
            launch = date(year, month, 1)
            if story.first - timedelta(days=215) <= launch <= story.last:
                found += _season(story, launch, f"{year} {name}", len(found))
    return found


def _season(story: Story, launch: date, season: str, start: int) -> list[Style]:
    draw = story.chance.share
    open_months = [(launch.month - 1 + n) % 12 for n in range(3)]
    by_want = sorted(
        GARMENTS,
        key=lambda g: -sum(int(g.months[m]) for m in open_months) * (0.7 + 0.6 * draw("garment", season, g.code)),
    )
    chosen = (by_want[:6] + by_want[:3])[:STYLES_A_SEASON]
    made = []
    for nth, garment in enumerate(chosen):
        number = start + nth
        tag = garment.low + (garment.high - garment.low) * draw("tag", number)
        first = int(draw("colour", number) * len(COLOURS))
        wrong = COLD_WORDS if season.endswith(("春", "夏")) else WARM_WORDS
        kinds = [title for title in garment.styles if not any(word in title for word in wrong)] or garment.styles
        made.append(
            Style(
                number=number,
                code=f"QH{launch:%y}{launch.month:02d}{garment.code}{number:03d}",
                title=kinds[(int(draw("title", season, garment.code) * len(kinds)) + nth // 6) % len(kinds)],
                garment=garment,
                season=season,
                launch=launch,
                tag=round(tag / 10) * 10 - 1,
                fame=0.25 + 3.2 * draw("fame", number) ** 4,
                colours=tuple(
                    COLOURS[(first + 3 * c) % len(COLOURS)] for c in range(3 if draw("wide", number) < 0.6 else 2)
                ),
            )
        )
    return made


def pieces(all_styles: list[Style]) -> list[Piece]:
    """Return every colour and size of the styles."""
    found: list[Piece] = []
    for style in all_styles:
        for nth, (colour, code) in enumerate(style.colours):
            for size in style.garment.sizes:
                label = "F" if size == "均码" else size
                weight = SIZE_WEIGHTS[size] * (1.6, 1.0, 0.7)[nth]
                found.append(Piece(len(found), style, f"{style.code}-{code}-{label}", colour, size, weight))
    return found


def _age_factor(style: Style, month: date) -> tuple[float, float]:
    """Return how well a style sells in a month of its life, and at what share of its price."""
    age = (month.year - style.launch.year) * 12 + month.month - style.launch.month
    if age < 0:
        return 0.0, 1.0
    for months, sells, price in ((4, 1.0, 1.0), (7, 0.4, 0.8), (12, 0.1, 0.6)):
        if age < months:
            return sells, price
    return 0.015, 0.5


def favourites(story: Story, all_pieces: list[Piece]) -> list[tuple[int, int, int, float]]:
    """Return rows (month, slot, piece, share of its price): what a buyer of that month takes."""
    rows: list[tuple[int, int, int, float]] = []
    slots = SLOTS if story.size != "tiny" else SLOTS // 4
    months = sorted({day.replace(day=1) for day in story.days()})
    for month in months:
        factors = {style.number: _age_factor(style, month) for style in {piece.style for piece in all_pieces}}
        weights = [
            p.weight / len(p.style.garment.sizes) * p.style.fame * (0.2 + int(p.style.garment.months[month.month - 1]))
            * factors[p.style.number][0]
            for p in all_pieces
        ]  # fmt: skip
        slot = 0
        for piece, count in zip(all_pieces, apportioned(weights, slots), strict=True):
            for _ in range(count):
                rows.append((story.month(month), slot, piece.number, factors[piece.style.number][1]))
                slot += 1
    return rows


def write_channels(pen: Pen, story: Story) -> None:
    """Make the demo channels and the table ``demo_shop`` of what their buyers do."""
    pen.table(
        "demo_shop",
        "no int, code text, title text, platform text, shop_name text, price float8, ship_hours int, refund_rate float8,"
        " as_of timestamptz, channel_id bigint",
        [
            (no, s.code, s.title, s.platform, s.shop_name, s.price, s.ship_hours, s.refund_rate,
             story.moment - timedelta(hours=s.lag_hours), None)
            for no, s in enumerate(SHOPS)
        ],
    )  # fmt: skip
    pen.run(
        """
        WITH made AS (
            INSERT INTO products_channel (code, title, platform, shop_names, currency, time_zone, sells_daily, closed_weekdays,
                                          ship_hours, is_active, is_demo, created_at, updated_at)
            SELECT code, title, platform, ARRAY[shop_name], 'CNY', %(zone)s, true, '{}', ship_hours, true, true,
                   %(moment)s, %(moment)s
            FROM demo_shop ORDER BY no
            RETURNING id, code
        )
        UPDATE demo_shop s SET channel_id = made.id FROM made WHERE made.code = s.code
        """
    )


def write_goods(pen: Pen, story: Story) -> None:
    """Make products and SKUs and the tables ``demo_piece`` and ``demo_pick``."""
    every = pieces(styles(story))
    pen.table(
        "demo_piece",
        "no int, style_code text, style_title text, category text, season text, tag numeric, code text, title text,"
        " colour text, size text",
        [
            (p.number, p.style.code, p.style.title, p.style.garment.category, p.style.season, p.style.tag, p.code,
             f"{p.style.season[:4]} {p.style.season[5:]}款 {p.style.title}", p.colour, p.size)
            for p in every
        ],
    )  # fmt: skip
    pen.table("demo_pick", "month int, slot int, piece int, price float8", favourites(story, every))
    pen.run(
        """
        INSERT INTO products_product (code, title, category, season, tag_price, is_demo, created_at, updated_at)
        SELECT DISTINCT style_code, style_title, category, season, tag, true, %(moment)s::timestamptz, %(moment)s::timestamptz
        FROM demo_piece ORDER BY style_code
        """
    )
    pen.run(
        """
        INSERT INTO products_sku (product_id, code, title, colour, size, is_demo, created_at, updated_at)
        SELECT p.id, d.code, d.title, d.colour, d.size, true, %(moment)s, %(moment)s
        FROM demo_piece d JOIN products_product p ON p.code = d.style_code ORDER BY d.no
        """
    )


def write_items(pen: Pen, story: Story) -> None:
    """Let each channel sell the pieces under its own codes; some are not mapped; make ``demo_item``."""
    key = "(s.no * 1000000::bigint + d.no)"
    extras = array(["GIFT-PURSE", "POSTAGE"])
    pen.run(
        f"""
        INSERT INTO products_channelitem (channel_id, code, title, platform_item, sku_id, is_goods, batch_id, updated_at)
        SELECT s.channel_id,
               CASE WHEN s.platform = 'pdd' AND {story.u("item_other", key)} < 0.3 THEN 'PDD' || right(d.code, -2) ELSE d.code END,
               d.title, (680000000000 + s.no * 1000000 + d.no / 12)::text,
               CASE WHEN {story.u("item_unmapped", key)} < 0.03 THEN NULL ELSE k.id END, true, b.batch_id, %(moment)s
        FROM demo_shop s CROSS JOIN demo_piece d
        JOIN products_sku k ON k.code = d.code
        JOIN (SELECT shop, min(batch_id) AS batch_id FROM demo_batch GROUP BY 1) b ON b.shop = s.no
        ORDER BY s.no, d.no
        """
    )
    pen.run(
        f"""
        INSERT INTO products_channelitem (channel_id, code, title, platform_item, is_goods, batch_id, updated_at)
        SELECT s.channel_id, e.code, CASE e.code WHEN 'POSTAGE' THEN '运费补差' ELSE '赠品 随手零钱包' END, '',
               e.code <> 'POSTAGE', b.batch_id, %(moment)s
        FROM demo_shop s CROSS JOIN unnest({extras}) e (code)
        JOIN (SELECT shop, min(batch_id) AS batch_id FROM demo_batch GROUP BY 1) b ON b.shop = s.no
        ORDER BY s.no, e.code
        """
    )
    pen.keep(
        "demo_item",
        f"""
        SELECT s.no AS shop, d.no AS piece, i.id AS item_id, i.title, '颜色分类:' || d.colour || ';尺码:' || d.size AS attributes,
               d.tag * s.price::numeric AS price
        FROM demo_shop s CROSS JOIN demo_piece d
        JOIN products_channelitem i ON i.channel_id = s.channel_id AND i.code =
             CASE WHEN s.platform = 'pdd' AND {story.u("item_other", key)} < 0.3 THEN 'PDD' || right(d.code, -2) ELSE d.code END
        """,
    )
