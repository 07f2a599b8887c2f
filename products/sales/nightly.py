"""What sales tell the nightly report (handbook 6 §8): headline, causes, channels, items, buyers, unpaid.

Everything comes from day roll-ups, so a report costs the same whatever the history.
"""

from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any, Final

from django.db.models import F, Q, Sum

from products.channels.models import Channel
from products.sales import spans, sums
from products.sales.models import SalesDay
from products.sales.planning import plan_to
from shopops.metrics.comparisons import aligned_day, lmdi
from shopops.money import ratio, round_half_up

Shared = dict[str, Any]
Row = dict[str, Any]
MONEY: Final = ("paid", "net", "refunds", "aov_buyer")
COUNTS: Final = ("orders", "buyers", "pieces", "upt")
WEEK: Final = timedelta(days=7)
TOP: Final = 10
MOVERS: Final = 5


class Periods:
    """The days one report looks at, each summed once for all its sections."""

    def __init__(self, day: date) -> None:
        aligned = aligned_day(day)
        self.day = day
        self.spans: dict[str, tuple[date, date]] = {
            "value": (day, day),
            "week": (day - WEEK, day - WEEK),
            "month": (day.replace(day=1), day),
            "year": (aligned.weekday, aligned.weekday),
        }
        if aligned.lunar:
            self.spans["festival"] = (aligned.lunar, aligned.lunar)
        self.days = {name: sums.days(*span) for name, span in self.spans.items()}
        self.buyers = {name: sums.buyers(*span) for name, span in self.spans.items()}
        # Nobody imported the period: its figures are not known, which is not 0.
        self.known = {
            name: bool(self.days[name].rows) or bool(spans.covered(*span)) for name, span in self.spans.items()
        }

    @property
    def currencies(self) -> list[str]:
        return sums.store_first({code for name in ("value", "week", "month") for code in self.days[name].currencies})

    def figure(self, metric: str, period: str, currency: str) -> str | None:
        """Return one figure as text; None where nobody imported the period. Currency "" is all of them."""
        if period not in self.spans or not self.known[period]:
            return None
        found = _figure(self, metric, period, currency)
        return None if found is None else str(found)


def _figure(periods: Periods, metric: str, period: str, currency: str) -> Decimal | int | None:
    parts = [periods.days[period].total(code) for code in ([currency] if currency else periods.days[period].currencies)]
    if not _is_known(metric, parts):
        return None
    buyers, returning = periods.buyers[period].get(currency, (0, 0))
    match metric:
        case "buyers":
            return buyers
        case "old_buyers":
            return returning
        case "new_buyers":
            return buyers - returning
        case "upt":
            return ratio(sum(part.pieces for part in parts), sum(part.orders - part.unknown_pieces for part in parts))
        case "aov_buyer":
            return ratio(sum(part.known_paid for part in parts), buyers)
        case _:
            total: Decimal | int | None = sum((getattr(part, metric) for part in parts), start=0)
            return total


def _is_known(metric: str, parts: list[sums.Sums]) -> bool:
    """Say whether any order's file gives what ``metric`` needs: unknown is not 0."""
    orders = sum(part.orders for part in parts)
    if metric in {"pieces", "upt"}:
        return not orders or orders > sum(part.unknown_pieces for part in parts)
    if metric in {"buyers", "new_buyers", "old_buyers", "aov_buyer"}:
        return not orders or any(part.known_orders for part in parts)
    return True


def periods_of(day: date, shared: Shared) -> Periods:
    if "periods" not in shared:
        shared["periods"] = Periods(day)
    periods: Periods = shared["periods"]
    return periods


def change(value: str | None, base: str | None) -> str | None:
    """Return value ÷ base − 1; "new" where the base is 0, None where either is not known or the base is below 0."""
    if value is None or base is None or Decimal(base) < 0:
        return None
    if not Decimal(base):
        return "new" if Decimal(value) else None
    return str(ratio(Decimal(value) - Decimal(base), Decimal(base), 4))


def headline(day: date, shared: Shared) -> list[dict[str, Any]] | None:
    """The day's figures, each with last week's same weekday, month to date, plan and last year."""
    periods = periods_of(day, shared)
    if not periods.known["value"] and not periods.known["month"]:
        return None
    currencies = periods.currencies
    if len(currencies) == 1:
        order = ("paid", "net", "refunds", "orders", "buyers", "pieces", "aov_buyer", "upt")
        return [
            {"currency": currencies[0], "rows": [_headline_row(periods, metric, currencies[0]) for metric in order]}
        ]
    tables = [
        {"currency": code, "rows": [_headline_row(periods, metric, code) for metric in MONEY]} for code in currencies
    ]
    return [*tables, {"currency": "", "rows": [_headline_row(periods, metric, "") for metric in COUNTS]}]


def _headline_row(periods: Periods, metric: str, currency: str) -> Row:
    figures = {name: periods.figure(metric, name, currency) for name in ("value", "week", "month", "year", "festival")}
    changes = {f"{name}_change": change(figures["value"], figures[name]) for name in ("week", "year", "festival")}
    plan = plan_to(periods.day, currency) if metric == "net" and currency else None
    to_plan = change(figures["month"], str(plan.plan_to_date)) if plan else None
    return {
        "metric": metric,
        **figures,
        **changes,
        "plan": str(plan.plan_to_date) if plan else None,
        "plan_change": to_plan,
    }


def causes(day: date, shared: Shared) -> list[dict[str, Any]] | None:
    """Why paid money differs from last week's same weekday (LMDI); visitors are not known."""
    periods = periods_of(day, shared)
    tables = []
    for currency in periods.currencies:
        now, then = (periods.days[name].total(currency) for name in ("value", "week"))
        if periods.known["value"] and periods.known["week"] and (now.orders or then.orders):
            tables.append({"currency": currency, "rows": _cause_rows(periods, currency, now, then)})
    return tables or None


def _cause_rows(periods: Periods, currency: str, now: sums.Sums, then: sums.Sums) -> list[Row]:
    known = all(part.orders and part.known_orders == part.orders for part in (now, then))
    with localcontext(prec=50):  # beyond any cent: the factors multiply back to the money
        factors = {
            name: _factors(part, periods.buyers[name].get(currency, (0, 0))[0] if known else 0)
            for name, part in (("value", now), ("week", then))
        }
    split = lmdi(list(factors["week"].values()), list(factors["value"].values()))
    rows: list[Row] = [
        {
            "factor": name,
            "week": _short(factors["week"][name]),
            "value": _short(factors["value"][name]),
            "effect": None if split.effects is None else str(split.effects[number]),
        }
        for number, name in enumerate(factors["value"])
    ]
    return [
        *rows,
        {"factor": "paid", "week": str(then.paid), "value": str(now.paid), "effect": str(split.change), "total": True},
    ]


def _factors(part: sums.Sums, buyers: int) -> dict[str, Decimal]:
    aov = part.paid / part.orders if part.orders else Decimal(0)
    if not buyers:
        return {"orders": Decimal(part.orders), "aov_order": aov}
    return {"buyers": Decimal(buyers), "orders_per_buyer": Decimal(part.orders) / buyers, "aov_order": aov}


def _short(value: Decimal) -> str:
    return str(round_half_up(value, 4)) if value % 1 else str(int(value))


def movers(day: date, shared: Shared) -> list[dict[str, Any]] | None:
    """The items whose net moved most against last week's same weekday."""
    periods = periods_of(day, shared)
    if not (periods.known["value"] and periods.known["week"]):
        return None
    tables = []
    for currency in periods.currencies:
        net = F("paid") - F("refunds")
        rows = (
            sums.of_items(day - WEEK, day, currency)
            .filter(day__in=[day - WEEK, day])
            .annotate(value=Sum(net, filter=Q(day=day), default=0), week=Sum(net, filter=Q(day=day - WEEK), default=0))
            .annotate(effect=F("value") - F("week"))
        )
        found = [
            *rows.filter(effect__gt=0).order_by("-effect", "code")[:MOVERS],
            *rows.filter(effect__lt=0).order_by("effect", "code")[:MOVERS],
        ]
        found.sort(key=lambda row: (-abs(row["effect"]), row["code"]))
        if found:
            tables.append({"currency": currency, "rows": [_texts(row) for row in found[:MOVERS]]})
    return tables or None


def items(day: date, shared: Shared) -> list[dict[str, Any]] | None:
    """The ten best and the ten worst items by net, gross beside it."""
    tables = []
    for currency in periods_of(day, shared).currencies:
        rows = sums.of_items(day, day, currency).annotate(
            net=Sum(F("paid") - F("refunds")), gross=Sum("paid"), back=Sum("refunds"), pieces_sum=Sum("pieces")
        )
        best = list(rows.order_by("-net", "code")[:TOP])
        shown = {row["code"] for row in best}
        worst = [row for row in rows.order_by("net", "-code")[:TOP] if row["code"] not in shown]
        for name, found in (("top", best), ("bottom", worst)):
            if found:
                tables.append({"name": name, "currency": currency, "rows": [_texts(row) for row in found]})
    return tables or None


def _texts(row: Row) -> Row:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def channels(day: date, shared: Shared) -> list[dict[str, Any]] | None:
    """Each channel's day beside last week's same weekday, and its share."""
    periods = periods_of(day, shared)
    titles = dict(Channel.objects.counted().values_list("code", "title"))
    tables = []
    for currency in periods.currencies:
        codes = sorted(
            {
                row["code"]
                for name in ("value", "week")
                for row in periods.days[name].rows
                if row["currency"] == currency
            }
        )
        whole = periods.days["value"].total(currency)
        rows = [_channel_row(periods, currency, code, titles.get(code, code), whole.paid) for code in codes]
        rows.sort(key=lambda row: (-Decimal(row["paid"]), row["title"]))
        if rows:
            tables.append(
                {
                    "currency": currency,
                    "rows": [*rows, _channel_row(periods, currency, "", "", whole.paid) | {"total": True}],
                }
            )
    return tables or None


def _channel_row(periods: Periods, currency: str, code: str, title: str, whole: Decimal) -> Row:
    now, then = (periods.days[name].total(currency, channel=code) for name in ("value", "week"))
    known = periods.known["week"]
    return {
        "channel": code,
        "title": title,
        "paid": str(now.paid),
        "week_change": change(str(now.paid), str(then.paid) if known else None),
        "refunds": str(now.refunds),
        "net": str(now.net),
        "orders": now.orders,
        "aov_order": None if now.aov_order is None else str(now.aov_order),
        "refund_rate": None if now.refund_rate is None else str(now.refund_rate),
        "share": None if (share := ratio(now.paid, whole)) is None else str(share),
    }


def buyers(day: date, shared: Shared) -> list[dict[str, Any]] | None:
    """New and returning buyers; left out where no file names buyers."""
    periods = periods_of(day, shared)
    if not any(found.get("", (0, 0))[0] for found in periods.buyers.values()):
        return None
    rows = []
    for metric in ("buyers", "new_buyers", "old_buyers"):
        figures = {name: periods.figure(metric, name, "") for name in ("value", "week", "month")}
        rows.append({"metric": metric, **figures, "week_change": change(figures["value"], figures["week"])})
    return [{"currency": "", "rows": rows}]


def unpaid(day: date, shared: Shared) -> list[dict[str, Any]] | None:
    """Orders created on the day that were never paid; by creation."""
    wanted = {"value": day, "week": day - WEEK}
    rows = SalesDay.objects.filter(basis="created", day__in=wanted.values(), channel__in=Channel.objects.counted())
    found = {
        row["day"]: row for row in rows.values("day").annotate(created_sum=Sum("created"), unpaid_sum=Sum("unpaid"))
    }
    now, then = (found.get(wanted[name], {"created_sum": 0, "unpaid_sum": 0}) for name in ("value", "week"))
    if not now["created_sum"]:
        return None
    rates = [ratio(row["created_sum"] - row["unpaid_sum"], row["created_sum"], 4) for row in (now, then)]
    return [
        {
            "currency": "",
            "rows": [
                {"metric": "unpaid_orders", "value": str(now["unpaid_sum"]), "week": str(then["unpaid_sum"])},
                {"metric": "pay_rate", "value": str(rates[0]), "week": None if rates[1] is None else str(rates[1])},
            ],
        }
    ]
