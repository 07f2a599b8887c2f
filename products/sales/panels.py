from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from products.sales import cards, nightly, rows, waiting
from shopops.dashboard.registry import DASHBOARD, HOME, Column, Needs, Panel, Section

BOTH = (DASHBOARD, HOME)
PANELS = [
    Panel("today", _("Today so far"), "sales.view", "planning", BOTH, 10, cards.today, 12),
    Panel("month", _("Month against plan"), "sales.view", "marketing", BOTH, 20, cards.month, 5),
    Panel("trend", _("Paid by day"), "sales.view", "analysis", BOTH, 21, cards.trend, 7),
    Panel("channels", _("Channels"), "sales.view", "planning", BOTH, 30, cards.channels, 6),
    Panel("items", _("Items by net"), "sales.view", "planning", BOTH, 31, cards.items, 6),
    Panel("refund_rate", _("Refund rate"), "sales.view", "service", BOTH, 40, cards.refund_rate, 4),
    Panel("buyers", _("Buyers"), "sales.view", "service", BOTH, 41, cards.buyers, 4),
    Panel("data", _("Data status"), "sales.view", "analysis", BOTH, 42, cards.data, 4),
]
NEEDS = [Needs("sales.view", waiting.without_orders)]

SECTIONS = [
    Section(
        "headline",
        _("Headline"),
        20,
        [
            Column("metric", _("Metric"), "metric"),
            Column("value", _("Day"), "figure", strong=True),
            Column("week", _("Same weekday last week"), "figure"),
            Column("week_change", pgettext_lazy("report", "Change"), "change"),
            Column("month", _("Month to date"), "figure"),
            Column("plan_change", _("Against plan"), "change"),
            Column("year_change", _("Last year by weekday"), "change"),
            Column("festival_change", _("Round Spring Festival"), "change"),
        ],
        nightly.headline,
        rows_of=rows.of_metric,
        note=_("Paid basis with postage; refunds on the day they were done. The plan counts by its daily weights."),
    ),
    Section(
        "causes",
        _("Why it changed"),
        30,
        [
            Column("factor", _("Factor"), "metric"),
            Column("week", _("Same weekday last week"), "figure"),
            Column("value", _("Day"), "figure"),
            Column("effect", pgettext_lazy("report", "Brought"), "effect", strong=True),
        ],
        nightly.causes,
        note=_("Paid money against last week's same weekday, split by logarithmic means. Visitors are not known."),
    ),
    Section(
        "movers",
        _("Items that moved most"),
        40,
        [
            Column("code", _("Code")),
            Column("title", _("Item")),
            Column("week", _("Same weekday last week"), "money"),
            Column("value", _("Day"), "money"),
            Column("effect", pgettext_lazy("report", "Change"), "effect", strong=True),
        ],
        nightly.movers,
        rows_of=rows.of_item,
        note=_("Net against last week's same weekday."),
    ),
    Section(
        "channels",
        _("Channels"),
        50,
        [
            Column("title", _("Channel")),
            Column("paid", _("Paid"), "money", strong=True),
            Column("week_change", _("Same weekday last week"), "change"),
            Column("refunds", _("Refunds"), "money"),
            Column("net", _("Net"), "money", strong=True),
            Column("orders", _("Orders"), "count"),
            Column("aov_order", _("Per order"), "money"),
            Column("refund_rate", _("Refund rate"), "rate"),
            Column("share", _("Share"), "rate"),
        ],
        nightly.channels,
        rows_of=rows.of_channel,
        note=_("The refund rate goes by orders: refunds so far of the orders paid on this day."),
        chart="paid",
    ),
    Section(
        "items",
        _("Items by net"),
        60,
        [
            Column("code", _("Code")),
            Column("title", _("Item")),
            Column("pieces_sum", _("Pieces"), "count"),
            Column("gross", _("Gross"), "money"),
            Column("back", _("Refunds"), "money"),
            Column("net", _("Net"), "money", strong=True),
        ],
        nightly.items,
        rows_of=rows.of_item,
        names={"top": _("Highest net"), "bottom": _("Lowest net")},
    ),
    Section(
        "buyers",
        _("Buyers"),
        80,
        [
            Column("metric", _("Metric"), "metric"),
            Column("value", _("Day"), "figure", strong=True),
            Column("week", _("Same weekday last week"), "figure"),
            Column("week_change", pgettext_lazy("report", "Change"), "change"),
            Column("month", _("Month to date"), "figure"),
        ],
        nightly.buyers,
        rows_of=rows.of_metric,
        note=_("Returning: paid in the 365 days before the period's first day. Known buyers only."),
    ),
    Section(
        "unpaid",
        _("Unpaid orders"),
        90,
        [
            Column("metric", _("Metric"), "metric"),
            Column("value", _("Day"), "figure", strong=True),
            Column("week", _("Same weekday last week"), "figure"),
        ],
        nightly.unpaid,
        rows_of=rows.of_metric,
        note=_("Of the orders created on this day; the pay rate is ripe after 24 hours."),
    ),
]
