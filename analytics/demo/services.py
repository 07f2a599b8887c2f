"""Make the demo store, and take it away again."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from analytics.demo import buyers, files, goods, orders, plans, refunds
from analytics.demo.removal import remove_rows
from analytics.demo.story import MARK, Pen, Story
from analytics.demo.words import SHOPS
from analytics.reports.models import Report
from analytics.reports.services import ask
from products.channels.models import Channel
from products.orders.following import follow
from shopops import clock
from shopops.errors import Refused
from shopops.exchange.models import ImportBatch
from shopops.history.actor import SYSTEM, acting
from shopops.jobs.services import perform

SOURCE: Final = "demo"
NIGHTS: Final = 7  # reports a demo begins with
_COUNTED: Final = {
    "channels": "products_channel WHERE is_demo",
    "products": "products_product WHERE is_demo",
    "skus": "products_sku WHERE is_demo",
    "customers": "customers_customer WHERE is_demo",
    "orders": "demo_o",
    "lines": "demo_l",
    "refunds": "demo_r",
    "batches": "demo_batch",
}


def is_there() -> bool:
    """Say whether the store holds a demo."""
    return Channel.objects.filter(is_demo=True).exists()


def create(story: Story) -> dict[str, int]:
    """Fill the store with a demo of ``story`` in one transaction; return the rows made by name.

    A demo that is there is taken away first. Raises Refused where a channel of somebody else bears
    a code the demo needs.
    """
    with acting(SYSTEM, source=SOURCE):
        if is_there():
            remove_rows(clock.now(), settings.STORE_TIME_ZONE)
        taken = Channel.objects.filter(code__in=[shop.code for shop in SHOPS]).values_list("code", flat=True)
        if taken:
            raise Refused(_("The channel “%(code)s” exists already.") % {"code": ", ".join(sorted(taken))})
        pen = Pen(story)
        pen.run("SET CONSTRAINTS ALL IMMEDIATE")  # keys are checked by statement, not kept for the commit
        pen.run("SET LOCAL work_mem = '128MB'")
        pen.run("SET LOCAL statement_timeout = 0")
        _write(pen, story)
        counts = {name: int(pen.rows(f"SELECT count(*) FROM {what}")[0][0]) for name, what in _COUNTED.items()}
        pen.run("SET CONSTRAINTS ALL DEFERRED")
    _follow_up()
    return counts


def remove() -> None:
    """Take the demo away; what was imported stays and its figures are as without a demo."""
    with acting(SYSTEM, source=SOURCE):
        remove_rows(clock.now(), settings.STORE_TIME_ZONE)
    _follow_up()


def make_reports(story: Story) -> int:
    """Make the reports of the demo's last nights that have none; return how many."""
    last = clock.store_day(story.moment) - timedelta(days=1)
    nights = [last - timedelta(days=number) for number in range(NIGHTS)]
    made = set(Report.objects.filter(day__in=nights).values_list("day", flat=True))
    missing = [day for day in reversed(nights) if day not in made]
    for day in missing:
        perform(ask(day, by=None, now=clock.now()).pk)
    return len(missing)


def _write(pen: Pen, story: Story) -> None:
    laid = files.slots(story)
    files.write_files(pen, story, laid)
    goods.write_channels(pen, story)
    goods.write_goods(pen, story)
    goods.write_items(pen, story)
    files.write_slots(pen, story, laid)
    orders.tell(pen, story)
    buyers.write_persons(pen, story)
    refunds.tell(pen, story)
    buyers.write_contacts(pen, story)
    orders.write_orders(pen, story)
    refunds.write_refunds(pen)
    buyers.write_values(pen)
    files.write_spans(pen)
    plans.write_plans(pen, story)
    _mark_days(pen)


def _mark_days(pen: Pen) -> None:
    """Mark every day whose figures changed, as an import does."""
    pen.run(
        """
        INSERT INTO products_dirtyday (channel_id, day, marked_at)
        SELECT DISTINCT channel_id, (at AT TIME ZONE %(zone)s)::date, %(moment)s::timestamptz FROM (
            SELECT channel_id, unnest(ARRAY[created_at, paid_at]) AS at FROM demo_o
            UNION SELECT o.channel_id, r.done_at FROM demo_r r JOIN demo_o o USING (n) WHERE r.state = 'success'
        ) d WHERE at IS NOT NULL
        ON CONFLICT (channel_id, day) DO UPDATE SET marked_at = excluded.marked_at
        """
    )


def _follow_up() -> None:
    """Let what stands on orders (values, figures) follow the marked days, as after an import."""
    ours = ImportBatch.objects.filter(format_version=MARK, merged_at__isnull=False)
    follow(list(ours.order_by("pk").values_list("pk", flat=True)), None)
