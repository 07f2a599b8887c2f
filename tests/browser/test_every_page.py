"""Every page of every role: accessible, within its window, translated, without dead controls; both languages,
desktop and phone, light and dark. Pages that look the same for several roles are looked at once."""

import os
import re
from datetime import timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlsafe_base64_encode

from analytics.demo import services as demo
from analytics.demo.story import Story, until
from analytics.reports import services as reports
from customers.identity.models import Customer
from products.catalogue.models import ChannelItem, Sku
from products.channels.models import Channel
from products.orders.models import Order
from products.refunds.models import Refund
from shopops import clock
from shopops.accounts import invitations, role_changes
from shopops.accounts.models import Role, User
from shopops.accounts.roles import ROLES
from shopops.acts import bulk
from shopops.acts.kinds import bulk_kinds
from shopops.approvals.services import decide
from shopops.exchange.models import ImportBatch
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from shopops.ops.models import Mail
from shopops.privacy import requests
from shopops.privacy.registry import Subject
from tests.architecture.test_translations import latin_words
from tests.browser import pages
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.comments import make_comment
from tests.factories.exports import make_export

SAMPLES = pages.ROOT / "tests/data/formats"
MONEY_CODES = frozenset({"CNY", "GBP", "USD", "EUR"})  # the world's names of currencies; staff say them so
SPECIMENS = frozenset({"ui:styleguide"})  # shows how controls look; they are meant to do nothing
FAR = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
IN_THEME = """theme => new Promise(done => {
    document.documentElement.dataset.bsTheme = theme;
    requestAnimationFrame(() => requestAnimationFrame(done));
})"""


def work():
    """Do what the workers would do, in the store's language."""
    with translation.override("zh-hans"):
        _work()


def _work():
    for job in Job.objects.filter(state="queued").order_by("pk"):
        jobs.perform(job.pk)


def bring(client, channel, *samples, **files):
    """Upload files and check them; return the import of the first."""
    given = [SimpleUploadedFile((SAMPLES / name).name, (SAMPLES / name).read_bytes()) for name in samples]
    given += [SimpleUploadedFile(name, text.encode()) for name, text in files.items()]
    answer = client.post("/orders/imports/new/", {"files": given, "channel": channel, "once": os.urandom(8).hex()})
    assert answer.status_code == 302, answer.content.decode()
    work()
    return int(re.search(r"/(\d+)/$", answer.headers["Location"])[1])


@pytest.fixture
def imports(transactional_db, make_user):
    """A tiny demo store, and imports in every state one can come to rest in; returns their numbers."""
    demo.create(Story(1, "tiny", until(None)))
    client = Client()
    client.force_login(
        make_user("manager", username="bringer", full_name="周宁"), backend="shopops.accounts.backends.StaffBackend"
    )
    tmall, jd, pdd, site = (f"qinghe-{name}" for name in ("tmall", "jd", "pdd", "site"))
    made = [
        bring(client, tmall, "taobao/ExportOrderList_54cols.csv", "taobao/ExportOrderDetailList.csv"),
        bring(client, tmall, "hostile/ExportOrderList_missing_column.csv"),
        bring(client, tmall, "hostile/ExportOrderList_excel_resaved.csv"),
        bring(client, site, **{"二零二六年三月全部渠道订单明细（最终版，含备注）.csv": "单号,金额\nA-1,1234567.00\n"}),
    ]
    done, undone = bring(client, jd, "jd/jd_orders.csv"), bring(client, pdd, "pdd/pdd_orders.csv")
    for batch in (done, undone):
        client.post(f"/orders/imports/{batch}/run/")
        work()
    client.post(f"/orders/imports/{undone}/undo/")
    work()
    cancelled = bring(client, jd, "jd/jd_orders.csv")
    client.post(f"/orders/imports/{cancelled}/cancel/")
    waiting = bring(client, pdd, "pdd/pdd_orders.csv")
    ImportBatch.objects.filter(pk=waiting).update(state="waiting")
    return [*made, done, undone, cancelled, waiting]


def make_request(make_user, number):
    """Ask for the roles of somebody new, as an administrator: it waits for the manager."""
    asker = make_user("administrator", username=f"asks-{number}", full_name="梁海涛")
    person = make_user("designer", username=f"person-{number}", full_name="唐若溪")
    wanted = Role.objects.filter(code__in=("analyst", "planner"))
    return role_changes.ask_for(person, wanted, reason="接替离职同事", by=asker)


def make_act(*orders, by):
    ids = [order.pk for order in orders]
    return bulk.begin(bulk_kinds()["orders.unnote"], ids, {"text": "加急"}, scope="", url="/orders/", by=by)


def make_desk_request(*, by):
    return requests.take_down("delete", way="chat", received_day=clock.today(), subject=Subject(), by=by)


def make_file(*, by):
    said = [("渠道", "青禾旗舰店"), ("搜索", "…")]
    return make_export(by, title="订单", filters=said, columns=("订单号", "买家"), is_masked=False)


def records(*found):
    return [{"pk": item.pk} for item in found]


@pytest.fixture
def arguments(imports, make_user):
    """The arguments of every page that names a record: the fullest one there is, and one of each state."""
    day = clock.today() - timedelta(days=2)
    job = reports.ask(day, by=None, now=clock.now())
    jobs.perform(job.pk)
    order = Order.objects.filter(refunds__isnull=False, shipments__isnull=False).first()
    fresh = Order.objects.filter(state="paid").first()
    customer = Customer.objects.filter(orders__isnull=False).order_by("pk").first()
    mail = Mail.objects.create(
        created_at=clock.now(), sender="a@b.cn", subject="日报", recipients=["c@d.cn"], source=b"Subject: s\n\ns"
    )
    guest = make_user(username="guest", full_name="何萍")
    token = invitations.link_for(guest).rstrip("/").rpartition("/")[2]

    comment = make_comment(
        order, "请核对地址", by=make_user("manager", username="writer", full_name="周宁"), files=["photo.png"]
    )
    asked = [make_request(make_user, number) for number in range(3)]
    decide(asked[1].pk, approve=False, note="现在不需要", by=make_user("manager", username="decides", full_name="赵敏"))

    act = make_act(order, fresh, by=comment.created_by)
    desk = make_desk_request(by=make_user("service_lead", username="desk", full_name="沈洁"))

    return {
        "accounts:person": records(guest),
        "accounts:leave": records(guest),
        "exchange:export": records(make_file(by=guest)),
        "accounts:person_reach": records(User.objects.get(username="bringer")),
        "accounts:change_role": records(Role.objects.get(code="planner")),
        "accounts:role": records(Role.objects.get(code="planner"), Role.objects.get(code="administrator")),
        "mfa_remove_webauthn": [{"pk": 1}],  # tests/browser/test_second_factor.py shows it to its owner
        "approvals:approval": records(*asked),
        "accounts:welcome": [{"uid": urlsafe_base64_encode(str(guest.pk).encode()), "token": token}],
        "privacy:request": records(desk),
        "privacy:keep": [{"code": "mails"}],
        "ops:mail": records(mail),
        "channels:channel": records(Channel.objects.first()),
        "channels:change": records(Channel.objects.first()),
        "catalogue:item": records(
            ChannelItem.objects.filter(sku=None).first(), ChannelItem.objects.exclude(sku=None)[0]
        ),
        "catalogue:sku": records(Sku.objects.first()),
        "orders:order": records(order, fresh),
        "orders:own": records(order),
        "orders:receiver": records(order),
        "orders:bulk": [{"act": "flag"}, {"act": "note"}],
        "acts:act": records(act),
        "orders:import": [{"pk": pk} for pk in imports],
        "orders:import_mapping": [{"pk": imports[3]}],
        "refunds:refund": records(Refund.objects.first()),
        "sales:plan": [{"year": day.year, "month": day.month}],
        "value:customer": records(customer),
        "value:merge": records(customer),
        "audit:change": records(Change.objects.filter(op="update").latest("pk")),
        "collaboration:timeline": [{"table": "products_order", "pk": order.pk}],
        "collaboration:field": [{"table": "products_order", "pk": order.pk, "column": "state"}],
        "collaboration:people": [{"table": "products_order", "pk": order.pk}],
        "collaboration:comment_edit": [{"pk": comment.pk}],
        "reports:day": [{"day": day}, {"day": day - timedelta(days=200)}],
        "reports:revision": [{"day": day, "number": 1}],
    }


ALL_ROLES = tuple(role for role, _name, _department in ROLES)
FEW_ROLES = ("manager", "administrator")  # between them they open every page there is


def seen_by(roles, arguments, make_user):
    """Return every page as each of these roles gets it, and a client of each."""
    every, found, clients = list(pages.paths(arguments)), [], {}
    for role in roles:
        user = make_user(role, username=f"{role}-reads", full_name="林青")
        with acting(SYSTEM):
            user.password = "usable, and never typed"
            user.save()
        clients[role] = Client(headers={"accept-language": "zh-hans"})
        clients[role].force_login(user, backend="shopops.accounts.backends.StaffBackend")
        found += pages.seen_by(role, clients[role], every)
    return found, clients


def differing(seen):
    """Return one page of each look: what another role gets alike is looked at once."""
    looks = {}
    for page in seen:
        looks.setdefault((page.name, page.path.count("/"), frozenset(page.held.shape)), page)
    return sorted(looks.values(), key=lambda page: page.role)


def look_at(page, language, violations, within="html"):
    """Return what is wrong with the open page, on the desktop and the phone, in one theme each, and in its words.

    ``within``: what axe looks at; the navigation is the same on each page of a role.
    """
    chinese, faults = language == "zh-hans", []
    for size, theme in ((DESKTOP, "light" if chinese else "dark"), (PHONE, "dark" if chinese else "light")):
        page.set_viewport_size(size)
        page.evaluate(IN_THEME, theme)
        if (far := page.evaluate(FAR)) > 0:
            faults.append(f"{far} px wider than {size['width']}")
        faults += [f"{size['width']} {theme} axe {line}" for line in violations(page, within)]
    if chinese:
        said = {word for text in page.evaluate(pages.WORDS) for word in latin_words(text)} - MONEY_CODES
        faults += [f"says “{word}”" for word in sorted(said)]
    page.set_viewport_size(DESKTOP)
    return faults


def _serve(text, route):
    route.fulfill(body=text, content_type="text/html; charset=utf-8")


def errors_on(page, language):
    """Serve the error pages that need a fault of the program to be seen; return their addresses."""
    request = RequestFactory().get("/")
    with translation.override(language):
        texts = {
            "/said/500/": render_to_string("errors/500.html", request=request),
            "/said/429/": render_to_string("errors/429.html", request=request),
            "/said/csrf/": render_to_string("errors/403.html", {"csrf": True}, request=request),
            "/said/400/": render_to_string("errors/400.html", request=request),
        }
    for path, text in texts.items():
        page.route(f"**{path}", partial(_serve, text))
    return list(texts)


def nowhere(seen, clients):
    """Return dead controls, forms and links to what is no page or closed; one link of each kind is followed."""
    wrong, kinds = set(), {}
    for page in seen:
        if page.name in SPECIMENS:
            continue
        wrong |= {f"{page.role}: {page.path}: {said}" for said in page.held.dead}
        wrong |= {pages.leads_nowhere(page, target, "POST") for target in page.held.posts}
        for target in page.held.links:
            wrong.add(pages.leads_nowhere(page, target, "GET"))
            where = page.path.partition("?")[0] + target if target.startswith("?") else target
            kinds.setdefault(pages.kind_of(where), (page.role, where))
    for role, where in kinds.values():
        answer = clients[role].get(where)
        if answer.status_code >= 400:
            wrong.add(f"{role}: {where} answers {answer.status_code}")
        answer.close()
    return sorted(wrong - {""}), len(kinds)


@pytest.mark.parametrize(("language", "roles"), [("zh-hans", ALL_ROLES), ("en", FEW_ROLES)], ids=["zh-hans", "en"])
def test_every_page_of_every_role_is_fit_to_be_read(
    arguments, make_user, login, open_context, violations, faults, settings, language, roles
):
    settings.EXPORTS_AN_HOUR = 1000  # one person follows many links to files
    seen, clients = seen_by(roles, arguments, make_user)
    dead, kinds = nowhere(seen, clients) if roles is ALL_ROLES else ([], 0)
    wrong, looks, opened, role = [], differing(seen), None, ""
    for page in looks:
        if page.role != role:
            if opened:
                opened.context.close()
            opened, role, within = login(page.role, language=language), page.role, "html"
        opened.goto(page.path)
        wrong += [f"{page.role}: {page.path}: {said}" for said in look_at(opened, language, violations, within)]
        within = "main"
    outside = open_context(locale="zh-CN" if language == "zh-hans" else "en").new_page()
    welcome = reverse("accounts:welcome", kwargs=arguments["accounts:welcome"][0])
    for path in (open_to_all := ["/account/login/", "/nothing-here/", welcome, *errors_on(outside, language)]):
        outside.goto(path)
        wrong += [f"{path}: {said}" for said in look_at(outside, language, violations)]

    print(
        f"{language}: {len(seen)} pages of {len(roles)} roles, {kinds} kinds of links followed, {len(dead)} nowhere;",
        f"{len(looks) + len(open_to_all)} looks on desktop and phone:",
        f"axe {sum(' axe ' in line for line in wrong)}, too wide {sum(' px wider' in line for line in wrong)},",
        f"Latin words {sum('says “' in line for line in wrong)}, console and policy {len(faults)}",
    )
    assert wrong + dead == [], "\n".join(wrong + dead)
