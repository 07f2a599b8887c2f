"""The sales metrics a second time, in plain Python over lists: what the SQL of the roll-ups is held against.

Rows are dicts as in the handbook's cases: times are texts in the store's zone, money is text.
Sums are exact; ratios come unrounded, None where there is no base.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

WINDOW = timedelta(days=365)
TOLERANCE = Fraction(5, 1000)  # of a platform's own figure


def day_of(moment: str | None) -> str:
    return (moment or "")[:10]


def over(numerator, denominator) -> Fraction | None:
    return Fraction(numerator) / Fraction(denominator) if denominator else None


def money(rows: Iterable[dict], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal("0.00"))


def daily_metrics(day: str, orders: list[dict], refunds: list[dict], visitors: int) -> dict:
    """Return the metrics of one store day (handbook 6 §2)."""
    sales = [order for order in orders if order.get("kind", "sale") == "sale"]
    created = [order for order in sales if day_of(order["created_at"]) == day]
    in_period = [order for order in sales if day_of(order["paid_at"]) == day and Decimal(order["paid"]) > 0]
    done = [refund for refund in refunds if refund["status"] == "SUCCESS" and day_of(refund["done_at"]) == day]
    paid, refunded = money(in_period, "paid"), money(done, "amount")
    buyers, pieces = len({order["buyer"] for order in in_period}), sum(order["pieces"] for order in in_period)
    return {
        "gmv": money(created, "payable"),
        "orders_created": sum(day_of(order["created_at"]) == day for order in orders),  # of every kind
        "orders_paid": len(in_period),
        "paid": paid,
        "refund": refunded,
        "net": paid - refunded,
        "buyers": buyers,
        "pieces": pieces,
        "aov_buyer": over(paid, buyers),
        "per_order": over(paid, len(in_period)),
        "upt": over(pieces, len(in_period)),
        "unit_price": over(money(in_period, "goods_paid"), pieces),
        "conversion": over(buyers, visitors),
        "uv_value": over(paid, visitors),
    }


def buyer_metrics(first: date, last: date, orders: list[dict], window: timedelta = WINDOW) -> dict:
    """Return old and new buyers of a period and the repurchase rate of the window that ends with it.

    Old: paid in the 365 days before the period's first day. Repurchase: buyers with two or more
    orders not refunded in full, of the buyers with at least one, in ``window`` days up to ``last``.
    """
    days = defaultdict(list)
    for order in orders:
        days[order["buyer"]].append(date.fromisoformat(order["paid"]))
    buyers = {buyer for buyer, paid in days.items() if any(first <= day <= last for day in paid)}
    old = {buyer for buyer in buyers if any(first - WINDOW <= day < first for day in days[buyer])}
    effective = Counter(
        order["buyer"]
        for order in orders
        if not order.get("refunded_full") and last - window < date.fromisoformat(order["paid"]) <= last
    )
    return {
        "buyers": len(buyers),
        "old": len(old),
        "new": len(buyers - old),
        "first_ever": sum(min(days[buyer]) >= first for buyer in buyers),
        "repurchase_rate": over(sum(count >= 2 for count in effective.values()), len(effective)),
    }


def refund_basis(orders: list[dict], refunds: list[dict]) -> dict:
    """Return net by refund day and by the order's pay day; over all time both add up to the same."""
    pay_day = {order["id"]: day_of(order["paid_at"]) for order in orders}
    done = [refund for refund in refunds if refund["status"] == "SUCCESS"]
    days = {*pay_day.values(), *(day_of(refund["done_at"]) for refund in done)}
    by_refund_day = dict.fromkeys(sorted(days), Decimal("0.00"))
    by_order = dict(by_refund_day)
    for order in orders:
        for view in (by_refund_day, by_order):
            view[pay_day[order["id"]]] += Decimal(order["paid"])
    for refund in done:
        by_refund_day[day_of(refund["done_at"])] -= Decimal(refund["amount"])
        by_order[pay_day[refund["order"]]] -= Decimal(refund["amount"])
    return {"by_refund_day": by_refund_day, "by_order": by_order, "total": sum(by_order.values())}


def distinct(days: list[list[str]]) -> dict:
    """Return buyers per day, added up, and as people of the whole period."""
    per_day = [len(set(buyers)) for buyers in days]
    return {"per_day": per_day, "sum_of_days": sum(per_day), "period": len(set().union(*days))}


def recon(facts: list[dict], rollups: list[dict], platform: list[dict]) -> dict:
    """Return where roll-ups differ from facts, and our days from the platform's by more than 0.5 %."""
    paid: dict[tuple, Decimal] = defaultdict(lambda: Decimal("0.00"))
    counts: Counter = Counter()
    for fact in facts:
        paid[fact["channel"], fact["day"]] += Decimal(fact["paid"])
        counts[fact["channel"], fact["day"]] += 1
    rolled = {(row["channel"], row["day"]): (Decimal(row["paid"]), row["orders"]) for row in rollups}
    differs = []
    for key in sorted({*paid, *rolled}):
        there, orders = rolled.get(key, (Decimal("0.00"), 0))
        here = paid.get(key, Decimal("0.00"))
        if (here, counts[key]) != (there, orders):
            row = {"channel": key[0], "day": key[1], "facts": str(here), "rollup": str(there)}
            differs.append(row | {"orders": [counts[key], orders]})
    off = []
    for row in platform:
        difference = paid.get((row["channel"], row["day"]), Decimal("0.00")) - Decimal(row["paid"])
        if abs(Fraction(difference)) > TOLERANCE * Fraction(row["paid"]):
            off.append([row["channel"], row["day"], str(difference)])
    return {"rollup_differs": differs, "platform_differs": off}
