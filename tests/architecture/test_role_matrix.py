"""Who may do what: every URL × method × role against the page kept by hand (docs/roles.md, promise P10)."""

from collections import Counter
from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils.http import urlsafe_base64_encode

from shopops import clock
from shopops.access import checks, declare, outside
from shopops.access.declare import PUBLIC, Access, permissions
from shopops.access.personal import protect_email, protect_phone, protect_text
from shopops.accounts import invitations
from shopops.accounts.models import ApiToken, Role, User
from shopops.accounts.roles import ROLES
from shopops.acts import bulk
from shopops.acts.kinds import bulk_kinds
from shopops.approvals.services import ask
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.jobs import services as jobs
from shopops.notifications.models import Notification
from shopops.notifications.services import notify
from shopops.ops.models import Mail
from shopops.privacy import requests
from shopops.privacy.registry import Subject
from tests import roles
from tests.architecture import matrix
from tests.factories.comments import make_comment
from tests.factories.exports import make_export
from tests.factories.orders import make_channel, make_customer, make_item, make_order, make_refund, make_sku
from tests.factories.staged import make_batch

DAY = "2026-03-24"
PHONE, ADDRESS, EMAIL, NAME = "15400009876", "CANARY-STREET 7", "canary-person@example.com", "卡纳瑞阿姨"
NICK = "canarynick"
CANARIES = (PHONE, ADDRESS, EMAIL, NAME, NICK)
ABSENT = 987_654_321


def receive(order):
    """Give an order the canary as its receiver."""
    from products.orders.models import OrderContact

    phone, email = protect_phone(PHONE), protect_email(EMAIL)
    with acting(SYSTEM):
        OrderContact.objects.create(
            order=order,
            name=protect_text(NAME),
            name_mask="卡**",
            phone=phone.cipher,
            phone_digest=phone.digest,
            phone_tail=phone.tail,
            phone_mask=phone.mask,
            email=email.cipher,
            email_digest=email.digest,
            email_mask=email.mask,
            address=protect_text(ADDRESS),
        )


@pytest.fixture
def world(make_user):
    """One record of each kind that a URL names; the order's receiver is a canary."""
    from analytics.reports import services as reports
    from customers.identity import services as identity

    channel, customer = make_channel("tmall"), make_customer(NICK)
    sku = make_sku("QH-1")
    order = make_order(channel, customer=customer, lines=[("QH-1", 1, 99)])
    receive(order)
    refund = make_refund(order, amount="10.00")
    batch = make_batch(channel, state="done")
    merge = identity.merge(make_customer("b"), make_customer("a"), by=make_user("manager", username="m"))
    over = max(clock.now(), clock.day_range(date.fromisoformat(DAY))[1])
    job = reports.ask(date.fromisoformat(DAY), by=None, now=over)
    jobs.perform(job.pk)
    mail = Mail.objects.create(
        created_at=clock.now(), sender="a@b.cn", subject="s", recipients=["c@d.cn"], source=b"Subject: s\n\ns"
    )
    act = bulk.begin(
        bulk_kinds()["orders.flag"], [order.pk], {"flag": "red"}, scope="", url="/orders/", by=merge.created_by
    )
    guest = make_user(username="guest")
    passkey = Authenticator.objects.create(user=guest, type="webauthn", data={"name": "phone", "credential": {}})
    comment = make_comment(order, by=make_user("manager", username="writer"), files=["photo.png"])
    notify([guest], "accounts.new_device")
    asked = ask("exports.mass", record=None, payload={"title": "", "rows": 1, "kind": "csv", "query": ""}, by=guest)
    return {
        "mfa": passkey.pk,
        "approvals": asked.pk,
        "notifications": Notification.objects.get(user=guest).pk,
        "ui:export": asked.pk,
        "accounts": guest.pk,
        "exchange": make_export(guest).pk,
        **dict.fromkeys(
            ("accounts:role", "accounts:change_role", "accounts:see_as"), Role.objects.get(code="planner").pk
        ),
        "reveals": order.pk,
        "channels": channel.pk,
        "catalogue:sku": sku.pk,
        "catalogue": make_item(channel, "QH-1").pk,
        "orders:import": batch.pk,
        "orders": order.pk,
        "refunds": refund.pk,
        "value:unmerge": merge.pk,
        "value": customer.pk,
        "ops": mail.pk,
        "acts": act.pk,
        "uid": urlsafe_base64_encode(str(guest.pk).encode()),
        "token": invitations.link_for(guest).rstrip("/").rpartition("/")[2],
        "channel_code": channel.code,
        "privacy:keep": "mails",
        "privacy": requests.take_down(
            "copy", way="chat", received_day=clock.today(), subject=Subject({"products_order": {order.pk}}), by=guest
        ).pk,
        "collaboration": order.pk,
        "audit": Change.objects.filter(table_name="shopops_comment").latest("pk").pk,
        "collaboration:comment": comment.pk,
        "collaboration:file": comment.files.get().pk,
    }


@pytest.fixture
def arguments(world):
    """Give (existing, absent) for each argument of each URL; an argument not known here fails the walk."""

    def give(name, argument):
        simple = {
            "year": (2026, 1800),
            "month": (3, 13),
            "day": (date.fromisoformat(DAY), date(1999, 1, 1)),
            "number": (1, 99),
            "kind": ("csv", "exe"),
            "table": ("products_order", "no_such_table"),
            "column": ("state", "no_such_column"),
            "act": ("flag", "nothing"),
            "field": ("phone", "phone_digest"),
            "uid": (world["uid"], "OTk5OTk5OTk5"),
            "token": (world["token"], "abc-123"),
        }
        if (name, argument) == ("reveals:reveal", "table"):
            return "products_ordercontact", "products_order"
        if argument in simple:
            return simple[argument]
        assert argument in {"pk", "code"}, f"{name}: nobody can make {argument}"
        space = name.partition(":")[0].removeprefix("api_")
        keys = (key for key in sorted(world, key=len, reverse=True) if name.startswith(key) or key == space)
        key = next(keys, None)
        assert key, f"{name}: the fixture `world` makes no record of {space}"
        return world[key], ABSENT

    return give


@pytest.fixture
def actors(make_user):
    """A client of each role, of nobody, and of somebody switched off."""
    found = {"nobody": (Client(headers={"accept-language": "en"}, raise_request_exception=False), None)}
    held = roles.permissions_of_roles()
    for code, _name, _department in ROLES:
        found[code] = (_client(make_user(code)), held[code])
    gone = _client(make_user("manager", username="gone"))
    with acting(SYSTEM):
        gone.user.is_active = False
        gone.user.save()
    found["switched off"] = (gone, None)
    return found


def _client(user):
    client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
    with acting(SYSTEM):
        user.password = "usable, and never typed"
        user.save()
    client.force_login(user, backend="shopops.accounts.backends.StaffBackend")
    client.user = user
    return client


def tell(figures, tally):
    figures("P10", cells=tally.cells, **tally.kinds, unexpected=len(tally.unexpected), canaries_seen=len(tally.leaks))


def may_show(name, held):
    """Say who may see the canary person: those who uncover it, there where it is uncovered."""
    return name == "reveals:reveal" and "personal.reveal" in (held or ())


def test_each_role_has_the_rights_of_the_page(db):
    stored = {role.code: set(role.permissions) for role in Role.objects.all()}

    assert stored == roles.permissions_of_roles()
    assert set(permissions()) == roles.known_permissions()


def test_each_url_stands_in_the_page_and_no_other():
    assert {name for name, _path, _pattern in checks.patterns()} == set(roles.urls())


@pytest.mark.parametrize("actor", [code for code, _name, _department in ROLES] + ["nobody", "switched off"])
def test_every_cell_answers_as_the_page_says(arguments, actors, actor, figures):
    before = Change.objects.count()

    tally = matrix.walk({actor: actors[actor]}, arguments, canaries=CANARIES, may_show=may_show)

    tell(figures, tally)
    assert tally.urls == len(roles.urls())
    assert not tally.unexpected, "\n".join(tally.unexpected)
    assert tally.leaks == []
    assert Change.objects.count() == before  # each try was taken back


@pytest.mark.parametrize(
    "headers", [{"HX-Request": "true"}, {"HX-Request": "true", "HX-Boosted": "true"}], ids=["fragment", "boosted"]
)
def test_headers_of_the_browser_give_no_right(arguments, actors, headers, figures):
    few = {name: actors[name] for name in ("designer", "manager")}

    tally = matrix.walk(
        few, arguments, canaries=CANARIES, may_show=may_show, headers=headers, methods_tried=("GET", "POST")
    )

    tell(figures, tally)
    assert tally.unexpected == []
    assert tally.leaks == []


FORMS = ("export=csv", "format=json", "q=54", "metric=paid&from=2026-03-20&to=2026-03-24&by=sku")
WORKBOOKS = ("manager", "service_agent", "analyst", "administrator")  # the same rows and columns as the other file


@pytest.mark.parametrize("actor", [code for code, _name, _department in ROLES])
def test_every_form_of_every_answer_keeps_the_canaries(arguments, actors, actor, figures):
    """Page, fragment, file, API: what somebody may not see as a page they get in no other form.

    A page that is refused is refused before it reads its arguments: there one form of each address will do.
    """
    client, held = actors[actor]
    wrong, seen, kinds = [], 0, Counter()
    for url in matrix.addresses(arguments):
        permission, methods = roles.urls()[url.name]
        wanted = matrix.expected(permission, methods, "GET", held)
        forms = (*FORMS, "export=xlsx") if actor in WORKBOOKS else FORMS
        for form in forms if wanted == "answered" and url.exists else forms[:1]:
            headers = {"HX-Request": "true"} if form == "q=54" else {}
            answer = matrix._tried(client, "GET", f"{url.path}?{form}", headers)
            kinds[matrix.kind_of(url.name, form, headers)] += 1
            kinds["own" if url.exists else "absent"] += 1
            told = [text for text in CANARIES if text in matrix._text(answer)]
            seen += len(told)
            if told or answer.status_code >= 500 or (wanted == "refused" and answer.status_code != 403):
                wrong.append((url.path, form, answer.status_code, told))
    cells = kinds["own"] + kinds["absent"]
    figures("P10", cells=cells, **kinds, unexpected=len(wrong), canaries_seen=seen)
    assert wrong == []


def test_exports_keep_the_masks(actors, world):
    for name in ("manager", "analyst", "warehouse_clerk"):
        client = actors[name][0]
        for kind in ("csv", "xlsx"):
            answer = client.get("/orders/", {"export": kind})
            assert answer.status_code == 200
            body = b"".join(answer.streaming_content)
            assert not [text for text in CANARIES if text.encode() in body]


@pytest.mark.parametrize("address", ["/orders/", "/refunds/", "/customers/"])
def test_lists_of_orders_refunds_and_buyers_leave_the_house_by_the_same_right(actors, world, address):
    """Who reads a page at a time is stopped from taking all of it along."""
    held = roles.permissions_of_roles()
    view = {"/orders/": "orders.view", "/refunds/": "refunds.view", "/customers/": "identity.view"}[address]
    for code, _name, _department in ROLES:
        client = actors[code][0]
        may_take = {view, "orders.export"} <= set(held[code])
        answer = client.get(address, {"export": "csv"})

        assert answer.status_code == (200 if may_take else 403), code
        if view in held[code]:
            assert (b"export=csv" in client.get(address).content) is may_take, code


# What the world holds that is one person's alone: of guest's, or done by somebody who is none of the actors.
ANOTHERS = frozenset(
    {
        "accounts:end_session", "accounts:revoke_token", "acts:cancel", "acts:undo", "mfa_remove_webauthn",
        "notifications:open", "notifications:read", "notifications:snooze", "ui:export",
    }
)  # fmt: skip


@pytest.mark.parametrize("actor", [code for code, _name, _department in ROLES])
def test_what_is_somebody_else_s_is_not_there(arguments, actors, world, actor, figures):
    """By number, however much one may otherwise: another person's notices, log-ins, tokens, keys, acts and files."""
    guest, (client, _held) = User.objects.get(username="guest"), actors[actor]
    with acting(SYSTEM):
        token = ApiToken.objects.create(
            user=guest, name="theirs", prefix="so_abcde", digest=b"x" * 32, scopes=[],
            created_at=clock.now(), expires_at=clock.now() + timedelta(days=1),
        )  # fmt: skip
    log_in = UserSession.objects.create(user=guest, session_key="of-guest", ip="127.0.0.1")
    owned = {"accounts:end_session": log_in.pk, "accounts:revoke_token": token.pk}
    session = client.session
    session["since"] = int(clock.now().timestamp())  # a recent log-in is no right either
    session.save()
    wrong, tried = [], 0
    for url in matrix.addresses(arguments):
        if url.name not in ANOTHERS or not url.exists:
            continue
        path = reverse(url.name, args=[owned[url.name]]) if url.name in owned else url.path
        for method in sorted(roles.urls()[url.name][1]):
            tried += 1
            answer = matrix._tried(client, method, path, {})
            if answer.status_code != 404:
                wrong.append(f"{method} {path}: {answer.status_code}")
    figures("P10", cells=tried, foreign=tried, pages=tried, unexpected=len(wrong), canaries_seen=0)
    assert wrong == []
    assert tried >= len(ANOTHERS)


# --- the walk finds what is planted


def _views():
    return {name: pattern for name, _path, pattern in checks.patterns()}


def _view_access(monkeypatch, name, **changes):
    view = _views()[name].callback
    had = declare.declared(view)
    monkeypatch.setattr(
        view, "access", Access(**{"permission": had.permission, "methods": had.methods, **changes}), raising=False
    )


def _open_to_staff(monkeypatch):
    _view_access(monkeypatch, "accounts:new", permission="staff")


def _open_to_all(monkeypatch):
    _view_access(monkeypatch, "orders:list", permission=PUBLIC)


def _wrong_permission(monkeypatch):
    _view_access(monkeypatch, "jobs:list", permission="orders.view")


def _no_declaration(monkeypatch):
    view = _views()["catalogue:map"].callback
    monkeypatch.delattr(view, "access")


def _outside_opened(monkeypatch):
    monkeypatch.setitem(outside.OUTSIDE, "account_change_password", PUBLIC)


def _role_with_more(monkeypatch):
    with acting(SYSTEM):
        role = Role.objects.get(code="designer")
        role.permissions = [*role.permissions, "orders.view"]
        role.save()


@pytest.mark.parametrize(
    "plant", [_open_to_staff, _open_to_all, _wrong_permission, _no_declaration, _outside_opened, _role_with_more]
)
def test_a_planted_mistake_is_found(arguments, actors, monkeypatch, plant):
    few = {name: actors[name] for name in ("nobody", "designer", "analyst", "manager")}
    watched = {"accounts:new", "orders:list", "jobs:list", "catalogue:map", "account_change_password"}
    plant(monkeypatch)

    tally = matrix.walk(few, arguments, only=lambda name: name in watched)

    assert tally.unexpected


def test_a_leaking_page_is_found(arguments, actors, monkeypatch):
    few = {"designer": actors["designer"]}

    tally = matrix.walk(few, arguments, canaries=("<html",), only=lambda name: name == "ui:me")

    assert tally.leaks
