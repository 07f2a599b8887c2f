"""Every form of every page: saved as it is shown it changes nothing (promise P11); sent twice it acts once (catalogue 100)."""

from contextlib import contextmanager

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from products.orders.models import Order
from shopops.accounts.roles import ROLES
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.history.versions import WRITES
from tests import roles
from tests.architecture.matrix import addresses
from tests.architecture.test_role_matrix import actors, arguments, world  # noqa: F401 - fixtures
from tests.factories.orders import make_item
from tests.forms import forms_of

pytestmark = pytest.mark.django_db
SIDE = frozenset({"ui:language", "account_logout"})  # of the frame, on every page
# Forms that hold a record's fields: saving them as shown must change nothing.
HOLDS = frozenset(
    {
        "accounts:change",
        "catalogue:map",
        "channels:change",
        "orders:own",
        "privacy:keep",
        "reports:note",
        "sales:plan",
    }
)
# Forms that do something to a record as it was read, and hold none of its fields.
AT_A_VERSION = frozenset({"collaboration:restore", "value:merge"})
LEFT_OUT = frozenset(
    {"django_session", "shopops_cache", "shopops_sessionseen", "django_migrations", "axes_accessattempt"}
)
# What is typed where a field is empty, by its name; anything else is "a word".
TYPED = {
    "email": "lin@example.com",
    "amount": "1000",
    "username": "new-person",
    "code": "new-shop",
    "currency": "CNY",
    "time_zone": "Asia/Shanghai",
    "ship_hours": "48",
    "days": "30",
    "flag": "red",
    "sku": "QH-1",
    "weights": "",
}


def contents():
    """Return a hash of each table's rows: whatever is written, it tells."""
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.db_table not in LEFT_OUT
    ]
    parts = ", ".join(
        f"(SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t)" for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parts}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


@contextmanager
def taken_back(client):
    """Take back whatever is done inside, the cookies too."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        point = transaction.savepoint()
        yield
        transaction.savepoint_rollback(point)
    cache.clear()
    client.cookies.load(cookies)


def browser_of(actor):
    """Return a client that must show the page's token, as a browser must."""
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"}, raise_request_exception=False)
    client.cookies = actor.cookies
    return client


def pages_of(give):
    return [url.path for url in addresses(give) if url.exists and "GET" in roles.urls().get(url.name, ("", ()))[1]]


def forms_shown(client, paths):
    """Yield the forms of all pages this person may open."""
    for path in paths:
        answer = client.get(path)
        if answer.status_code == 200 and "text/html" in answer.headers.get("Content-Type", "") and not answer.streaming:
            yield from (form for form in forms_of(answer.content.decode(), path) if form.url_name not in SIDE)


def test_saving_any_form_as_it_is_shown_changes_nothing(world, arguments, actors, figures):
    with acting(SYSTEM):
        Order.objects.filter(pk=world["orders"]).update(note="two\nlines", flag_own="blue")
    seen, faults = set(), []
    for code, _name, _department in ROLES:
        client = browser_of(actors[code][0])
        for form in forms_shown(client, pages_of(arguments)):
            if form.url_name not in HOLDS:
                if any(form.fields.get("version", ())) and form.url_name not in AT_A_VERSION:
                    faults.append(
                        f"{form.action} as {code}: it carries a version, and HOLDS does not name {form.url_name}"
                    )
                continue
            with taken_back(client):
                before, last = contents(), Change.objects.latest("pk").pk
                answer = form.send(client)
                after = contents()
                written = Change.objects.filter(pk__gt=last, op__in=WRITES).count()
            changed = sorted(name for name in after if after[name] != before[name])
            unmade = (
                form.url_name == "sales:plan" and answer.status_code == 422
            )  # a plan that is not there yet is not empty
            seen.add((code, form.url_name))
            if changed or written or (answer.status_code != 302 and not unmade):
                faults.append(f"{form.action} as {code}: {answer.status_code}, {written} changes in {changed}")

    figures("P11", forms=len(seen), rows_changed=len(faults))
    assert not faults, "\n".join(faults)
    assert {name for _code, name in seen} == HOLDS


def test_what_an_api_gives_written_back_changes_nothing(world, actors, figures):
    tried = 0
    for code, _name, _department in ROLES:
        client, path = actors[code][0], f"/api/v1/orders/{world['orders']}/"
        read = client.get(path)
        if read.status_code != 200:
            continue
        body = {name: read.json()[name] for name in ("note", "flag_own", "version")}
        before, last = contents(), Change.objects.latest("pk").pk

        answer = client.patch(path, body, content_type="application/json")

        assert answer.status_code == 200, code
        assert contents() == before, code
        assert not Change.objects.filter(pk__gt=last).exists(), code
        tried += 1
    figures("P11", serializers=tried, rows_changed=0)
    assert tried == sum("orders.note" in held for held in roles.permissions_of_roles().values())


def filled(form):
    """Return a form with its empty text fields filled in, so that it is accepted where it can be."""
    typed = {}
    for name in form.typed:
        if not (form.fields.get(name) or [""])[0]:
            typed[name] = TYPED.get(name, "a word")
    if form.url_name == "orders:bulk":
        typed.setdefault("flag", "green")
    return typed


def twice(world, give, actors):
    """Send each form of the site twice; return (form → did the first act, did the second)."""
    found = {}
    make_item(Order.objects.get(pk=world["orders"]).channel, "NEW-1")
    for code in ("manager", "administrator", "planner", "analyst"):
        client = browser_of(actors[code][0])
        for form in forms_shown(client, pages_of(give)):
            if form.url_name in found and found[form.url_name][0]:
                continue
            values = filled(form)
            with taken_back(client):
                before = contents()
                form.send(client, **values)
                once = contents()
                form.send(client, **values)
                found[form.url_name] = (once != before, contents() != once)
    return found


def test_every_form_sent_twice_acts_once(world, arguments, actors):
    found = twice(world, arguments, actors)

    acted = sorted(name for name, (first, _second) in found.items() if first)
    doubled = sorted(name for name, (_first, second) in found.items() if second)
    print(f"{len(found)} forms, {len(acted)} acted, {len(doubled)} twice: {', '.join(acted)}")
    assert doubled == []
    assert len(acted) >= 12


def test_without_the_guard_forms_act_twice(world, arguments, actors, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("OnceMiddleware")]

    doubled = sorted(name for name, (_first, second) in twice(world, arguments, actors).items() if second)

    print(f"without the guard twice: {', '.join(doubled)}")
    assert doubled


def test_the_guard_stands_behind_the_check_of_access():
    order = settings.MIDDLEWARE

    assert order.index("shopops.access.middleware.AccessMiddleware") < order.index("shopops.ui.once.OnceMiddleware")
