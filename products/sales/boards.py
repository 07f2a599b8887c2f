"""What the sales cards of a board show, from roll-ups only; each thing is fetched once a page."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from products.channels.models import Channel
from products.sales import spans, sums
from products.sales.definitions import definition_of, name_of
from products.sales.gaps import Gap, gaps
from products.sales.models import DayNote, SalesPlan
from products.sales.planning import weights_of
from products.sales.rows import rows_url
from shopops import clock
from shopops.access.scopes import channels_of
from shopops.dashboard.board import Board
from shopops.metrics.comparisons import PlanToDate, mtd_plan
from shopops.money import ratio, round_half_up
from shopops.ui import formats
from shopops.ui.charts import Sparkline, sparkline

WEEK: Final = timedelta(days=7)
LOOK_BACK: Final = timedelta(days=35)
SPARK_DAYS: Final = 14
MONEY: Final = frozenset({"paid", "net", "refunds", "aov_order", "aov_buyer"})
RATES: Final = frozenset({"refund_rate"})
Row = dict[str, Any]
TODAY_METRICS: Final = ("paid", "net", "orders", "pieces", "refunds", "aov_order")


@dataclass(frozen=True)
class Figure:
    """One number on a card: its value, what it is compared with, its rows."""

    metric: str
    value: Any
    before: Any = None
    currency: str = ""
    url: str = ""
    spark: Sparkline | None = None

    @property
    def name(self) -> str:
        return name_of(self.metric)

    @property
    def definition(self) -> str:
        return definition_of(self.metric)

    @property
    def words(self) -> str:
        """The value as a tile shows it; the exact one stands in the tooltip."""
        if self.metric in MONEY:
            return formats.amount(self.value, self.currency)
        if self.metric in RATES:
            return formats.percent(self.value)
        return formats.number(self.value)

    @property
    def before_words(self) -> str:
        return replace(self, value=self.before).words if self.before is not None else ""

    @property
    def change(self) -> str:
        now = self.value
        if self.metric in RATES and now is not None and self.before is not None:
            return points(now - self.before)
        return formats.change(now, self.before)

    @property
    def tone(self) -> str:
        """Red only past the threshold: more than a tenth more refunds than before."""
        now = self.value
        if self.metric not in {"refunds", "refund_rate"} or not self.before or now is None:
            return ""
        return "bad" if now > self.before * Decimal("1.1") else ""


def points(difference: Decimal) -> str:
    """Write a difference of two rates: ▲ 0.4 points."""
    mark = "▲" if difference > 0 else "▼" if difference < 0 else "="
    return _("%(mark)s %(number)s points") % {"mark": mark, "number": formats.number(abs(difference) * 100, 1)}


def among(board: Board) -> frozenset[int] | None:
    """Return the ids of the channels whose sales this person sees; None: all."""
    return channels_of(board.user, "sales.view")


def counted(board: Board) -> list[Channel]:
    """Return the channels whose figures count; the one chosen, where one is."""
    found = board.once("channels", lambda: list(sums.counted(among(board)).order_by("pk")))
    return [channel for channel in found if board.channel in {"", channel.code}]


def channels(board: Board) -> list[Channel]:
    """Return the counted, active channels; the one chosen, where one is."""
    return [channel for channel in counted(board) if channel.is_active]


def _days(board: Board, first: date, last: date) -> sums.Days:
    return sums.days(first, last, channel=board.channel, among=among(board))


def sold(board: Board) -> sums.Days:
    """Return the days of the board's range."""
    return board.once("sold", lambda: _days(board, board.first, board.last))


def sold_before(board: Board) -> sums.Days | None:
    """Return the days the range is compared with."""
    first, last = board.compared(board.first), board.compared(board.last)
    if first is None or last is None:
        return None
    return board.once("sold_before", lambda: _days(board, first, last))


def holes(board: Board) -> list[Gap]:
    """Return the days without orders of the range and the last five weeks."""
    first = min(board.first, board.today - LOOK_BACK)
    found = board.once("holes", lambda: gaps(first, board.today - timedelta(days=1)))
    seen = {channel.pk for channel in counted(board)}
    return [gap for gap in found if gap.channel.pk in seen]


@dataclass(frozen=True)
class Today:
    """Today up to each channel's newest data, and last week's same weekday up to the same hours."""

    day: date
    until: datetime | None  # of the channel that is furthest
    current: int  # channels with data of today
    all: int
    figures: list[list[Figure]]  # by currency, the store's first


def today(board: Board) -> Today:
    """Compare today so far with the same weekday last week up to the same minute, channel by channel.

    Each channel is compared up to its own newest data; one without data of today has no part in it.
    """
    then = board.today - WEEK
    rows = board.once("hours", lambda: sums.hours([board.today, then], among=among(board)))
    shown = channels(board)
    begin = clock.day_range(board.today)[0]
    reached = {
        channel: clock.store_time(channel.data_through)
        for channel in shown
        if channel.data_through and channel.data_through >= begin
    }
    ends = {channel.pk: datetime.combine(then, at.time(), at.tzinfo) for channel, at in reached.items()}
    begun = board.once("begun_hours", lambda: sums.begun_hours(ends))
    hours = {channel.code: at.hour for channel, at in reached.items()}
    mine = [row for row in rows if row["code"] in {channel.code for channel in shown}]
    currencies = sums.store_first({channel.currency for channel in shown})
    return Today(
        board.today,
        max(reached.values(), default=None),
        len(hours),
        len(shown),
        [_today_of(board, currency, mine, begun, hours) for currency in currencies],
    )


def _today_of(board: Board, currency: str, rows: list[Row], begun: list[Row], hours: dict[str, int]) -> list[Figure]:
    mine = [row for row in rows if row["currency"] == currency]
    now = [row for row in mine if row["day"] == board.today]
    then = [row for row in mine if row["day"] != board.today]
    # Whole hours from the roll-ups, the hour that has begun up to the minute from orders.
    so_far = [row for row in then if row["hour"] < hours.get(row["code"], 0)]
    so_far += [row for row in begun if row["currency"] == currency]
    last_hour = max(hours.values(), default=-1)
    return [
        Figure(
            metric,
            _of(metric, now),
            _of(metric, so_far) if hours else None,
            currency,
            rows_url(metric, board.today, board.today, channel=board.channel),
            sparkline(_hourly(metric, now, last_hour), _hourly(metric, then, 23)),
        )
        for metric in TODAY_METRICS
    ]


def _hourly(metric: str, rows: list[Row], last: int) -> list[Any]:
    """Return the hours of a day; nothing sold is 0, but has no money per order."""
    empty = None if metric == "aov_order" else 0
    found = [_of(metric, [row for row in rows if row["hour"] == hour]) or empty for hour in range(last + 1)]
    return found + [None] * (23 - last)


def _of(metric: str, rows: list[Row]) -> Any:  # noqa: ANN401 - a sum of any of our numbers
    paid, orders = sum((row["paid_sum"] for row in rows), Decimal(0)), sum(row["orders_sum"] for row in rows)
    refunds = sum((row["refunds_sum"] for row in rows), Decimal(0))
    match metric:
        case "paid":
            return paid
        case "net":
            return paid - refunds
        case "refunds":
            return refunds
        case "orders":
            return orders
        case "pieces":
            return sum(row["pieces_sum"] for row in rows)
    return ratio(paid, orders)


@dataclass(frozen=True)
class Month:
    """The month's net against its plan, up to yesterday."""

    month: date
    currency: str
    actual: Decimal
    days_done: int
    missing: int  # channel days not imported
    plan: Decimal | None = None
    to_date: PlanToDate | None = None
    forecast: Decimal | None = None  # at the run rate so far, by daily weights
    need_per_day: Decimal | None = None  # each remaining plain day
    recent: Decimal | None = None  # mean of the last seven days
    url: str = ""

    @property
    def is_reached(self) -> bool:
        """Say whether nothing more is needed this month."""
        return self.plan is not None and self.actual >= self.plan

    @property
    def behind(self) -> Decimal | None:
        """How far the actual is from the plan's share so far; below 0: behind."""
        if self.to_date is None or not self.to_date.plan_to_date:
            return None
        return ratio(self.actual - self.to_date.plan_to_date, self.to_date.plan_to_date, 4)


def month(board: Board) -> Month:
    """Return this month against its plan (of the store's currency)."""
    first = board.today.replace(day=1)
    yesterday = board.today - timedelta(days=1)
    done = (board.today - first).days
    days = board.once("month", lambda: _days(board, min(first, board.today - WEEK), yesterday))
    currency = days.currencies[0]
    inside = [first + timedelta(days=number) for number in range(done)]
    actual = days.total(currency, days=inside).net
    recent = days.total(currency, days=[board.today - timedelta(days=number) for number in range(1, 8)]).net / 7
    plan = (
        None
        if board.channel or among(board) is not None  # it is the whole store's
        else board.once("plan", lambda: SalesPlan.objects.filter(month=first, currency=currency).first())
    )
    missing = sum(gap.day >= first and not gap.covered for gap in holes(board))
    shown: dict[str, Any] = {}
    if plan is not None:
        weights = weights_of(plan)
        to_date = mtd_plan(plan.amount, weights, done, actual)
        whole, so_far = sum(weights), sum(weights[:done])
        left = len(weights) - done
        shown = {
            "plan": plan.amount,
            "to_date": to_date,
            "forecast": round_half_up(actual * whole / so_far) if so_far else None,
            "need_per_day": round_half_up((plan.amount - actual) / left) if left else None,
        }
    return Month(
        first,
        currency,
        actual,
        done,
        missing,
        recent=recent,
        url=rows_url("net", first, max(first, yesterday), channel=board.channel),
        **shown,
    )


def trend(board: Board) -> dict[str, Any]:
    """Return the range by day for chart and table: gaps are None, never 0."""
    days = sold(board)
    currency = days.currencies[0]
    here = days.by_day(currency)
    before = sold_before(board)
    there = before.by_day(currency) if before else {}
    missing: dict[date, list[str]] = {}
    for gap in holes(board):
        if not gap.covered:
            missing.setdefault(gap.day, []).append(gap.channel.title)
    noted = DayNote.objects.filter(day__gte=board.first, day__lte=board.last)
    notes = board.once("notes", lambda: dict(noted.values_list("day", "text")))
    covered = board.once("covered", lambda: spans.covered(board.first, board.last))
    mine = [covered.get(channel.code, []) for channel in counted(board)]
    rows = []
    for day in board.days:
        other = board.compared(day)
        is_known = day in here or any(spans.is_covered(day, known) for known in mine)
        rows.append(
            {
                "day": day,
                "paid": here[day].paid if day in here else Decimal(0) if is_known else None,
                "net": here[day].net if day in here else Decimal(0) if is_known else None,
                "orders": here[day].orders if day in here else 0 if is_known else None,
                "other": other,
                "before": there[other].paid if other in there else None,
                "missing": missing.get(day, []),
                "note": notes.get(day, ""),
                "url": rows_url("paid", day, day, channel=board.channel),
            }
        )
    return {"currency": currency, "rows": rows}


def by_channel(board: Board) -> list[dict[str, Any]]:
    """Return each channel's range beside what it is compared with, by currency."""
    days, before = sold(board), sold_before(board)
    spark_days = [board.last - timedelta(days=number) for number in range(SPARK_DAYS - 1, -1, -1)]
    tables = []
    for currency in sums.store_first({channel.currency for channel in channels(board)}):
        mine = [channel for channel in channels(board) if channel.currency == currency]
        rows = [_channel_row(board, channel, days, before, spark_days) for channel in mine]
        rows.sort(key=lambda row: -row["sums"].paid)
        whole = days.total(currency)
        total = {
            "sums": whole,
            "change": formats.change(whole.paid, before.total(currency).paid) if before else "",
            "url": rows_url("net", board.first, board.last, channel=board.channel),
        }
        tables.append({"currency": currency, "rows": rows, "total": total})
    return tables


def _channel_row(
    board: Board, channel: Channel, days: sums.Days, before: sums.Days | None, spark_days: list[date]
) -> dict[str, Any]:
    own = days.by_day(channel.currency, channel=channel.code)
    now = days.total(channel.currency, channel=channel.code)
    end = clock.day_range(board.today)[0]
    return {
        "channel": channel,
        "sums": now,
        "change": formats.change(now.paid, before.total(channel.currency, channel=channel.code).paid) if before else "",
        "spark": [own[day].paid if day in own else Decimal(0) for day in spark_days],
        "late": channel.sells_daily and (channel.data_through is None or channel.data_through < end),
        "paid_url": rows_url("paid", board.first, board.last, channel=channel.code),
        "orders_url": rows_url("orders", board.first, board.last, channel=channel.code),
    }


def items(board: Board, currency: str, *, bottom: bool, limit: int) -> list[dict[str, Any]]:
    """Return the items with the highest or lowest net of the range; gross by payment, refunds on their own day."""
    mine = [channel for channel in counted(board) if channel.currency == currency]
    return sums.items_by_net(board.first, board.last, mine, bottom=bottom, limit=limit)


def buyers(board: Board) -> tuple[tuple[int, int], tuple[int, int] | None]:
    """Return (buyers, returning ones) of the range and of what it is compared with."""
    first, last = board.compared(board.first), board.compared(board.last)
    asked = {"among": counted(board), "channel": board.channel, "whole": among(board) is None}
    now = sums.distinct_buyers(board.first, board.last, **asked)
    return now, sums.distinct_buyers(first, last, **asked) if first and last else None
