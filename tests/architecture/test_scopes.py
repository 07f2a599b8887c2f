"""Who is limited to some channels sees nothing of the others, on no page, in no figure, file or answer (promise P10)."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.quality import services as quality
from analytics.reports.models import Report
from products.channels.models import Channel
from products.orders.models import Order
from products.sales.planning import set_plan
from products.sales.refresh import rebuild
from shopops import clock
from shopops.accounts.models import UserRole
from shopops.accounts.roles import ROLES
from shopops.acts import bulk
from shopops.acts.kinds import bulk_kinds
from shopops.history.actor import SYSTEM, acting
from shopops.jobs import services as jobs
from tests import roles
from tests.architecture import matrix
from tests.factories.orders import make_channel, make_customer, make_item, make_order, make_refund
from tests.factories.staged import make_batch

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 24, 6, 30, tzinfo=UTC)
# Of channel B: numbers, goods, names. Its money is in millions; whatever A has is below a thousand.
CANARIES = ("BNUMBER", "BREFUND", "BITEM", "bbuyer", "b-shop", "B Shop", "bfile.csv", "B-WAYBILL")
MILLIONS = re.compile(
    r"(?<![\d.,:-])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])"  # 7,654,321.00
    r"|(?<![\w.:-])\d{5,}\.\d{2,4}(?!\d)"  # 7654321.00
    r"|(?<=[¥>\s])-?\d+(?:\.\d+)? ?[万M](?=[<\s])"  # 7.65M
)
OF_NO_CHANNEL = frozenset(
    {"accounts", "ops", "jobs", "ui", "reports", "approvals", "notifications", "collaboration", "privacy", "exchange"}
)


@pytest.fixture(autouse=True)
def _afternoon(monkeypatch, settings):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.REPORTS_FROM = "2026-03-23"


@pytest.fixture
def shops(make_user):
    """Two channels: A with small money, B with millions; both with everything a channel can have."""
    from customers.identity import services as identity
    from customers.value.services import recompute

    both, made = make_customer("both"), {}
    for letter, paid in (("a", "99.00"), ("b", "7654321.00")):
        shop = make_channel(
            f"{letter}-shop", title=f"{letter.upper()} Shop", data_from=NOW - timedelta(days=40), data_through=NOW,
            platform="taobao" if letter == "a" else "jd",
        )  # fmt: skip
        buyer = make_customer(f"{letter}buyer", scope="taobao" if letter == "a" else "jd")
        orders = [
            make_order(
                shop, created=NOW - timedelta(days=days), number=f"{letter.upper()}NUMBER-{days}", customer=who,
                lines=[(f"{letter.upper()}ITEM", 1, paid)], waybill=f"{letter.upper()}-WAYBILL",
            )
            for days, who in enumerate((buyer, both, buyer))
        ]  # fmt: skip
        refund = make_refund(orders[1], done=NOW - timedelta(hours=9), number=f"{letter.upper()}REFUND-1")
        make_refund(orders[2], state="open", number=f"{letter.upper()}REFUND-2")
        batch = make_batch(shop, state="done")
        batch.upload.name = f"{letter}file.csv"
        batch.upload.save()
        made[letter] = {
            "channels": shop.pk,
            "catalogue": make_item(shop, f"{letter.upper()}ITEM").pk,
            "orders:import": batch.pk,
            "orders": orders[0].pk,
            "refunds": refund.pk,
            "value": buyer.pk,
        }
        gone = make_customer(f"{letter}buyer-too", scope="taobao" if letter == "a" else "jd")
        made[letter]["value:unmerge"] = identity.merge(buyer, gone, by=make_user("manager", username=f"m{letter}")).pk
    rebuild()
    recompute(Order.objects.values_list("customer", flat=True))
    set_plan(
        date(2026, 3, 1), "CNY", amount=7_654_321, weights=[], version=0, by=make_user("manager", username="planning")
    )
    quality.store(quality.ROLLUPS, date(2026, 3, 24), [{"channel": "b-shop", "day": "2026-03-24"}], now=NOW)
    _report(date(2026, 3, 23))
    return made


def _report(day):
    from analytics.reports import services as reports

    jobs.perform(reports.ask(day, by=None, now=NOW).pk)


def limit(user, *codes):
    with acting(SYSTEM):
        ids = list(Channel.objects.filter(code__in=codes).values_list("pk", flat=True))
        UserRole.objects.filter(user=user).update(channels=ids)


@pytest.fixture
def limited(make_user, shops):
    """Return a function that gives a client of one role limited to channel A."""

    def give(role):
        user = make_user(role, username=f"limited-{role}")
        limit(user, "a-shop")
        client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
        client.force_login(user, backend="shopops.accounts.backends.StaffBackend")
        return client

    return give


def leaks(response):
    text = matrix._text(response)
    page = re.sub(r'<script.*?</script>| d="[^"]*"| value="[^"]*"|<link[^>]*>|<meta[^>]*>', "", text, flags=re.DOTALL)
    return [word for word in CANARIES if word in text] + MILLIONS.findall(page)


SALES = [
    code for code, _name, _department in ROLES if roles.permissions_of_roles()[code] & {"orders.view", "catalogue.view"}
]


@pytest.mark.parametrize("role", SALES)
def test_a_record_of_another_channel_does_not_exist(limited, shops, role, figures):
    client, held, wrong, kinds = limited(role), roles.permissions_of_roles()[role], [], Counter()
    seen = 0
    for url in matrix.addresses(lambda name, argument: _arguments(name, argument, shops["b"])):
        space = url.name.partition(":")[0]
        permission, methods = roles.urls()[url.name]
        if not url.exists or url.name not in _names_a_record() or permission not in held or space in OF_NO_CHANNEL:
            continue
        for method in sorted(methods):
            kinds[matrix.kind_of(url.name)] += 1
            answer = matrix._tried(client, method, url.path, {})
            seen += len(leaks(answer))
            if answer.status_code != 404 or leaks(answer):
                wrong.append((method, url.path, answer.status_code, leaks(answer)))
    tried = kinds.total()
    figures("P10", cells=tried, **kinds, foreign=tried, unexpected=len(wrong), canaries_seen=seen)
    assert tried
    assert wrong == []


@cache
def _names_a_record():
    return {name for name, (_permission, _methods) in roles.urls().items() if name.partition(":")[0] in
            {"channels", "catalogue", "orders", "refunds", "value"} and name != "catalogue:sku"
            and any(name == item for item, _path, pattern in matrix.patterns() if matrix.argument_names(pattern))}  # fmt: skip


def _arguments(name, argument, records):
    if argument in {"pk", "code"}:
        keys = sorted(records, key=len, reverse=True)
        found = next((key for key in keys if name.startswith(key)), None)
        return (records[found] if found else 1, 987_654_321)
    return {"day": (date(2026, 3, 23), date(1999, 1, 1))}.get(argument, (1, 1))


ASKED = ("", "export=csv", "export=xlsx", "q=BNUMBER", "channel=b-shop", "q=b", "day_from=2026-03-20&day_to=2026-03-24",
         "metric=paid&from=2026-03-20&to=2026-03-24", "metric=paid&from=2026-03-20&to=2026-03-24&by=channel",
         "metric=buyers&from=2026-03-20&to=2026-03-24", "metric=paid&from=2026-03-20&to=2026-03-24&channel=b-shop",
         "range=last7", "range=last30&compare=before", "items=bottom", "paid_from=2026-03-01&paid_to=2026-03-24")  # fmt: skip


# Between them they open whatever a limited person opens; which rows there are is the channels' matter, not the role's.
FEW = ("manager", "owner", "analyst", "service_agent", "warehouse_clerk")


def test_the_few_open_whatever_any_of_them_opens():
    held = roles.permissions_of_roles()
    needed = {permission for permission, _methods in roles.urls().values()}

    assert set().union(*(held[code] for code in SALES)) & needed <= set().union(*(held[code] for code in FEW))


@pytest.mark.parametrize("role", FEW)
def test_no_page_figure_or_file_tells_of_another_channel(limited, shops, role, figures):
    client, found, kinds = limited(role), [], Counter()
    for url in matrix.addresses(lambda name, argument: _arguments(name, argument, shops["a"])):
        if not url.exists or url.name.partition(":")[0] in OF_NO_CHANNEL | {"mfa", "account", "search_none"}:
            continue
        for query in ASKED if url.path.count("/") < 4 else ASKED[:2]:
            for headers in ({}, {"HX-Request": "true"}) if not query else ({},):
                answer = matrix._tried(client, "GET", f"{url.path}?{query}", headers)
                kinds[matrix.kind_of(url.name, query, headers)] += 1
                if answer.status_code < 500 and (told := leaks(answer)) and not _echoed(told, query):
                    found.append((url.path, query, told[:5]))
                elif answer.status_code >= 500:
                    found.append((url.path, query, answer.status_code))
    tried = kinds.total()
    figures("P10", cells=tried, **kinds, own=tried, unexpected=len(found), canaries_seen=len(found))
    assert found == []


def _echoed(told, query):
    """What somebody typed stands in the search field again, and in the refusal of an unknown channel."""
    return set(told) <= {word for word in CANARIES if word in query}


def test_an_act_over_rows_of_all_channels_names_none_of_the_others(limited, shops, client_of):
    manager = client_of("manager")
    act = bulk.begin(
        bulk_kinds()["orders.flag"], [shops["a"]["orders"], shops["b"]["orders"]], {"flag": "red"},
        scope="", url="/orders/", by=manager.user,
    )  # fmt: skip
    block = act.blocks.get()
    block.failures = {str(shops[letter]["orders"]): "changed" for letter in "ab"}
    block.save()

    seen = limited("planner").get(f"/acts/{act.pk}/")

    assert "ANUMBER-0" in seen.content.decode()
    assert f"#{shops['b']['orders']}" in seen.content.decode()
    assert leaks(seen) == []
    assert leaks(manager.get(f"/acts/{act.pk}/"))


def test_the_canaries_are_seen_by_who_has_no_limit(client_of, shops):
    manager = client_of("manager")

    for path in (
        "/",
        "/orders/",
        "/refunds/",
        "/customers/",
        reverse("catalogue:items"),
        "/channels/",
        "/orders/imports/",
        "/sales/plans/",
    ):
        assert leaks(manager.get(path)), path


def test_two_roles_reach_what_either_reaches(make_user, shops):
    user = make_user("analyst", "designer")
    limit(user, "a-shop")
    assert {order.channel.code for order in Order.objects.visible_to(_fresh(user))} == {"a-shop"}

    with acting(SYSTEM):
        UserRole.objects.filter(user=user, role__code="analyst").update(channels=None)

    assert {order.channel.code for order in Order.objects.visible_to(_fresh(user))} == {"a-shop", "b-shop"}


def test_a_role_without_the_permission_widens_nothing(make_user, shops):
    user = make_user("analyst", "designer")
    with acting(SYSTEM):
        ids = list(Channel.objects.filter(code="a-shop").values_list("pk", flat=True))
        UserRole.objects.filter(user=user, role__code="analyst").update(channels=ids)

    assert not Order.objects.visible_to(_fresh(user)).filter(channel__code="b-shop").exists()


def _fresh(user):
    return type(user).objects.with_permissions().get(pk=user.pk)


def test_who_has_no_limit_pays_nothing(client_of, make_user, shops):
    """The same statements and the same text of each, as if no limits existed."""
    browser = client_of("manager")
    user = _fresh(browser.user)

    with CaptureQueriesContext(connection) as asked:
        sql = str(Order.objects.visible_to(user).query)
        assert user.permission_codes

    assert len(asked) == 0
    assert "channel_id" not in sql.partition("WHERE")[2]


def test_reports_of_the_whole_store_are_not_sent_to_who_sees_a_part(make_user, shops):
    from analytics.reports import services as reports
    from analytics.reports.models import Mailing, Subscription

    whole, part = (
        make_user("analyst", username="whole", email="w@x.cn"),
        make_user("analyst", username="part", email="p@x.cn"),
    )
    Subscription.objects.bulk_create([Subscription(user=whole), Subscription(user=part)])
    limit(part, "a-shop")

    revision = Report.objects.get(day=date(2026, 3, 23)).revisions.latest("number")
    reports._owe_mails(revision)

    assert list(Mailing.objects.values_list("user__username", flat=True)) == ["whole"]
    with pytest.raises(reports.Refused):
        reports.subscribe(_fresh(part), wants=True)


def test_an_import_into_another_channel_is_refused(limited, shops):
    client = limited("planner")

    answer = client.post(reverse("api_orders:imports"), {"channel": "b-shop"})

    assert answer.status_code == 400
    assert "no such channel" in answer.content.decode()
