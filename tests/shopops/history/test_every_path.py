"""Writes by every path leave exactly the rows of history they owe: none missing, none wrong, none without a name (P13).

What a write owes is computed here from the tables before and after, not by the triggers' own rules.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from products.catalogue.models import ChannelItem, Sku
from products.channels.models import Channel
from products.orders.models import CONTACT, Order, OrderContact, OrderLine
from products.refunds.models import Refund
from shopops import clock
from shopops.accounts.models import User, UserRole
from shopops.collaboration.models import Attachment, Comment
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.history.versions import version_of
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from tests.factories.comments import make_comment
from tests.factories.orders import make_channel, make_item, make_order, make_refund, make_sku

pytestmark = pytest.mark.django_db
STEPS = 400
SEED = 20261129
# The rules of each table as the design states them: inserts recorded by the import alone, columns of no
# interest, columns whose first filling is no change, columns whose values are never kept.
NO_INSERTS = {
    "products_channelitem",
    "products_order",
    "products_orderline",
    "products_ordercontact",
    "products_refund",
}
IGNORED = {
    "products_channel": {"updated_at", "data_from", "data_through"},
    "shopops_user": {"updated_at", "last_login"},
    "shopops_comment": set(),
    "shopops_attachment": set(),
}
FIRST_FILLING = {("products_order", "customer_id")}
SECRET = {
    "shopops_user": {"password"},
    "shopops_attachment": {"sha256"},
    "products_ordercontact": set(CONTACT),
}
MODELS = (Channel, Sku, ChannelItem, Order, OrderLine, OrderContact, Refund, User, UserRole, Comment, Attachment)


def table_rows() -> dict[str, dict[int, dict[str, object]]]:
    """Return every row of the watched tables as JSON, by table and key."""
    found = {}
    with connection.cursor() as cursor:
        for model in MODELS:
            meta = model._meta
            cursor.execute(f'SELECT "{meta.pk.column}", to_jsonb(t)::text FROM "{meta.db_table}" t')
            found[meta.db_table] = {key: exact(text) for key, text in cursor.fetchall()}
    return found


def exact(text: str) -> dict[str, object]:
    """Read JSON with its numbers as they are written: 129.0000 is not 129."""
    return json.loads(text, parse_float=str, parse_int=str)


def history_since(last: int) -> list[tuple]:
    """Return (table, row, kind of change, content, actor, source) of the changes after one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, row_id, op, changes::text, actor_id, source FROM shopops_change WHERE id > %s ORDER BY id",
            [last],
        )
        return [
            (table, row, op, exact(text), actor, source) for table, row, op, text, actor, source in cursor.fetchall()
        ]


def owed(before: dict, after: dict) -> list[tuple]:
    """Return (table, row, kind of change, content) of every row of history this difference owes."""
    found = []
    for table, old in before.items():
        new, secret = after[table], SECRET.get(table, set())
        found += [(table, key, "delete", _whole(old[key], secret)) for key in old.keys() - new.keys()]
        if table not in NO_INSERTS:
            found += [(table, key, "insert", _whole(new[key], secret)) for key in new.keys() - old.keys()]
        for key in old.keys() & new.keys():
            changed = {
                name: [None, None] if name in secret else [old[key][name], value]
                for name, value in new[key].items()
                if value != old[key][name]
                and name not in IGNORED.get(table, {"updated_at"})
                and not ((table, name) in FIRST_FILLING and old[key][name] is None)
            }
            if changed:
                found.append((table, key, "update", changed))
    return found


def _whole(row: dict, secret: set) -> dict:
    return {name: value for name, value in row.items() if value is not None and name not in secret}


# --- the paths


def save(pick: random.Random, by: object) -> None:
    channel = pick.choice(Channel.objects.all())
    with acting(by):
        channel.title = f"T{pick.random()}"
        channel.ship_hours = pick.randint(1, 99)
        channel.save()


def create(pick: random.Random, by: object) -> None:
    with acting(by):
        Sku.objects.create(code=f"S{pick.random()}", title="x")


def bulk(pick: random.Random, by: object) -> None:
    with acting(by):
        made = Sku.objects.bulk_create(
            [Sku(code=f"B{pick.random()}", title="b") for _number in range(pick.randint(1, 5))]
        )
        for sku in made:
            sku.colour = pick.choice(["red", "", "blue"])
        Sku.objects.bulk_update(made, ["colour"])


def update(pick: random.Random, by: object) -> None:
    with acting(by):
        Order.objects.filter(pk__gte=pick.choice(Order.objects.values_list("pk", flat=True))).update(
            memo=pick.choice(["", "a", "店", "\\ \" ' \t"]), paid=Decimal(pick.randint(0, 10**6)) / 100
        )


def delete(pick: random.Random, by: object) -> None:
    with acting(by):
        Sku.objects.filter(items=None, code__gte=f"B{pick.random()}").delete()


def raw(pick: random.Random, by: object) -> None:
    with acting(by), connection.cursor() as cursor:
        cursor.execute(
            pick.choice(
                (
                    "UPDATE products_orderline SET quantity = quantity + 1, paid = NULL WHERE id % 2 = 0",
                    "UPDATE products_refund SET amount = amount + 0.01, reason = reason || 'x'",
                    "UPDATE products_channelitem SET title = title",  # nothing changes
                    "UPDATE products_ordercontact SET phone = 'x'::bytea, phone_mask = phone_mask || '*'",
                    (
                        "INSERT INTO products_sku (code, title, colour, size, is_demo, created_at, updated_at) VALUES "
                        "('UPSERT', 'a', '', '', false, now(), now()) ON CONFLICT (code) DO UPDATE SET "
                        "title = products_sku.title || 'b'"
                    ),
                    (
                        "WITH gone AS (DELETE FROM products_sku WHERE code = 'UPSERT' RETURNING code) "
                        "UPDATE products_order SET flag = flag || 'f' WHERE EXISTS (SELECT FROM gone)"
                    ),
                )
            )
        )


def nested(pick: random.Random, by: object) -> None:
    """Somebody else's change inside one's own, each under its own name."""
    with acting(by):
        Channel.objects.filter(code="c1").update(title=f"outer {pick.random()}")
        with acting(SYSTEM, source="import:7"):
            Refund.objects.update(reason=f"inner {pick.random()}")
        Channel.objects.filter(code="c2").update(title=f"outer {pick.random()}")


def job_writes(_claim: object, *, text: str) -> None:
    with acting(SYSTEM, source="job:1"):
        Order.objects.update(flag=text)


def worker(pick: random.Random, _by: object) -> None:
    name = f"{__name__}.job_writes"
    job, _is_new = jobs.ensure(name, str(pick.random()), arguments={"text": f"f{pick.randint(0, 9)}"}, queue="default")
    assert jobs.perform(job.pk) == "done"


def command(pick: random.Random, _by: object) -> None:
    with open("/dev/null", "w") as silent:  # noqa: PTH123 - a device, no path
        call_command(
            "invite",
            f"p{pick.random()}@example.com",
            role=["planner"],
            username=f"p{pick.random()}"[:30],
            stdout=silent,
        )


def comment(pick: random.Random, by: object) -> None:
    if by is not SYSTEM:
        make_comment(
            pick.choice(Order.objects.all()), f"text {pick.random()}", by=by, files=pick.choice([[], ["a.csv"]])
        )


PATHS = (save, create, bulk, update, delete, raw, nested, worker, command, comment)


@pytest.fixture
def world(make_user: Callable) -> list[object]:
    shops = [make_channel("c1"), make_channel("c2")]
    for number in range(4):
        order = make_order(shops[number % 2], lines=[(f"A{number}", 2, "50"), (f"B{number}", 1, "29.90")])
        make_refund(order, "1.00")
        with acting(SYSTEM):
            OrderContact.objects.get_or_create(order=order)
    make_item(shops[0], "I1", sku=make_sku("K1"))
    return [make_user("planner", username="one"), make_user("manager", username="two"), SYSTEM]


def test_every_write_leaves_exactly_the_history_it_owes(world, tmp_path, settings, figures):
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path
    pick, tried, rows = random.Random(SEED), Counter(), 0
    before = table_rows()
    for _step in range(STEPS):
        path, by = pick.choice(PATHS), pick.choice(world)
        last = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        path(pick, by)
        after = table_rows()
        wanted = owed(before, after)
        made = history_since(last)
        if path is bulk:  # rows made and changed within one step
            wanted, made_now = _net(wanted), _net([item[:4] for item in made])
        else:
            made_now = [item[:4] for item in made]
        assert _sorted(made_now) == _sorted(wanted), path.__name__
        _check_names(path, by, made)
        tried[path.__name__] += 1
        rows += len(made)
        before = after

    null = Change.objects.filter(actor=None).exclude(source__in=("", "import:7", "job:1")).count()
    figures("P13", writes=STEPS, paths=len(tried), rows_of_history=rows, missing_or_wrong=0, null_actors=null)
    assert set(tried) == {path.__name__ for path in PATHS}
    assert rows > STEPS
    assert null == 0


def _check_names(path: Callable, by: object, made: list[tuple]) -> None:
    names = {(actor, source) for *_row, actor, source in made}
    own = (by.pk or None, "")
    allowed = {
        worker: {(None, "job:1")},
        command: {(None, "")},
        nested: {own, (None, "import:7")},
    }.get(path, {own})
    assert names <= allowed, path.__name__


def _net(items: list[tuple]) -> list[tuple]:
    """Leave the kinds and rows: what happened between within one step has no trace in the tables."""
    return sorted({(table, row) for table, row, *_rest in items})


def _sorted(items: list[tuple]) -> list:
    return sorted(items, key=repr)


CSV = "order,date,code,quantity,price\nA-1,{day} 10:00,X1,{quantity},10\n"


def test_pages_api_and_workers_leave_it_too(client_of, tmp_path, settings, figures):
    """A file by the API twice, the second newer; a form; a restored value: each changed row is told and named."""
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path
    client, channel = client_of("planner"), make_channel("c1")
    _import(client, CSV.format(day="2026-03-01", quantity=1))
    before, last = table_rows(), Change.objects.latest("pk").pk

    _import(client, CSV.format(day="2026-03-02", quantity=3))
    channel.refresh_from_db()
    client.post(
        reverse("channels:change", args=[channel.pk]),
        {
            "title": "By the form", "platform": "site", "currency": "CNY", "time_zone": "Asia/Shanghai",
            "ship_hours": "20", "is_active": "on", "version": version_of(channel),
        },
    )  # fmt: skip
    change = Change.objects.filter(table_name="products_channel", op="update").latest("pk")
    client.post(
        reverse("collaboration:restore", args=["products_channel", channel.pk]),
        {"change": change.pk, "column": "ship_hours", "version": version_of(channel)},
    )

    made = Change.objects.filter(pk__gt=last)
    told = {(table, row) for table, row in made.values_list("table_name", "row_id")}
    wanted = {(table, row) for table, row, *_rest in owed(before, table_rows())}
    unnamed = made.filter(actor=None, source="").count()
    figures(
        "P13", writes=3, paths=3, rows_of_history=len(made), missing_or_wrong=len(wanted - told), null_actors=unnamed
    )
    assert told >= wanted
    assert unnamed == 0
    orders = made.filter(table_name="products_order", op="update")
    assert orders.exists()
    assert {source.partition(":")[0] for source in orders.values_list("source", flat=True)} == {"import"}
    assert set(made.filter(table_name="products_channel").values_list("actor", flat=True)) == {client.user.pk}
    assert not made.filter(table_name="products_channel", request_id="").exists()
    assert clock.today()


def _import(client: object, text: str) -> None:
    mapping = (
        '{"fields": {"order_number": "order", "created_at": "date", "paid_at": "date", "code": "code", '
        '"quantity": "quantity", "unit_price": "price"}, "constants": {"state": "finished"}}'
    )
    answer = client.post(
        "/api/v1/orders/imports/",
        {"file": SimpleUploadedFile("a.csv", text.encode()), "channel": "c1", "mapping": mapping},
    )
    assert answer.status_code in {200, 201, 202}, answer.content
    for job in Job.objects.filter(state="queued").order_by("pk"):
        assert jobs.perform(job.pk) == "done", Job.objects.get(pk=job.pk).error


def test_a_table_without_its_triggers_would_be_noticed(world):
    """The control: what is written behind the triggers' back is owed and not there."""
    before, last = table_rows(), Change.objects.latest("pk").pk
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE products_sku SET title = 'quietly'")
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET ROLE shopops_app")

    assert [item[0] for item in owed(before, table_rows())] == ["products_sku"]
    assert history_since(last) == []
