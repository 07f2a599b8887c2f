"""Headers and cookies of each kind of answer: page, fragment, JSON, file, picture, static, error, redirect, log-in.

The tables are kept by hand (promises 4.4): what an answer is, whether anything may keep it, what guards it.
"""

import json
import os
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import reverse

from products.channels.models import Channel
from products.orders import own_api
from products.orders.models import Order
from products.orders.views import OrderList
from shopops.accounts.models import Role, User
from shopops.history.actor import SYSTEM, acting
from shopops.history.versions import version_of
from tests.factories.comments import make_comment
from tests.factories.orders import make_channel, make_order

GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
OF_NO_FRAME = (
    "X-Frame-Options",
    "Permissions-Policy",
)  # a static file is no page: its policy of contents says the same
POLICY = {
    "default-src": "'self'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
    "font-src": "'self'", "connect-src": "'self'", "object-src": "'none'", "base-uri": "'none'",
    "form-action": "'self'", "frame-ancestors": "'none'",
}  # fmt: skip
SANDBOX = {"default-src": "'none'", "sandbox": ""}  # of what people brought: nothing in it runs
NEVER, AN_HOUR = "no-store", "max-age=3600, public"
ALLAUTH = "max-age=0, no-cache, no-store, must-revalidate, private"
KINDS = {  # kind: status, who may keep it, policy
    "page": (200, NEVER, POLICY),
    "page to a browser that has it": (304, NEVER, POLICY),
    "fragment": (200, NEVER, POLICY),
    "form refused": (422, NEVER, POLICY),
    "form overtaken": (409, NEVER, POLICY),
    "json": (200, NEVER, POLICY),
    "json refused": (422, NEVER, POLICY),
    "json overtaken": (409, NEVER, POLICY),
    "json without a version": (428, NEVER, POLICY),
    "json of another kind": (415, NEVER, POLICY),
    "list as a file": (200, NEVER, POLICY),
    "brought file": (200, NEVER, SANDBOX),
    "picture": (200, NEVER, POLICY),
    "static": (200, AN_HOUR, POLICY),
    "log-in": (200, ALLAUTH, POLICY),
    "log-in refused": (200, ALLAUTH, POLICY),
    "log-in done": (302, ALLAUTH, POLICY),
    "log-out": (302, NEVER, POLICY),
    "redirect to the log-in": (302, NEVER, POLICY),
    "fragment not logged in": (401, NEVER, POLICY),
    "not logged in, API": (401, NEVER, POLICY),
    "wrong token": (401, NEVER, POLICY),
    "too many tries, API": (429, NEVER, POLICY),
    "too many tries": (429, NEVER, POLICY),
    "cannot be meant": (400, NEVER, POLICY),
    "not allowed": (403, NEVER, POLICY),
    "without its token": (403, NEVER, POLICY),
    "not there": (404, NEVER, POLICY),
    "no method": (405, NEVER, POLICY),
    "too large": (413, NEVER, POLICY),
    "broken": (500, NEVER, POLICY),
    "broken, API": (500, NEVER, POLICY),
}
PASSWORD = "a-long-and-strange-passphrase"


def directives(answer):
    return {name: value for name, _, value in
            (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))}  # fmt: skip


@pytest.fixture
def answers(client_of, make_user, monkeypatch, settings):
    """One answer of each kind."""
    return _answers(client_of, make_user, monkeypatch, settings)


def _answers(client_of, make_user, monkeypatch, settings, **more):
    settings.WHITENOISE_USE_FINDERS = True  # static files as they lie, not as they are packed
    guest = Client(raise_request_exception=False, **more)
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False, **more)
    browser = Client(headers={"accept-language": "en"}, raise_request_exception=False, **more)
    browser.force_login(make_user("manager", "administrator"), backend="shopops.accounts.backends.StaffBackend")
    person = make_user("analyst", username="lin")
    with acting(SYSTEM):
        person.set_password(PASSWORD)
        person.save()
    order, shop = make_order(make_channel("shop")), Channel.objects.get()
    version = version_of(shop)
    with acting(SYSTEM):
        Channel.objects.update(title="Theirs")
        Order.objects.update(note="theirs")
    form = {"title": "Mine", "platform": "site", "currency": "CNY", "time_zone": "Asia/Shanghai", "ship_hours": "48"}
    marks, login = f"/api/v1/orders/{order.pk}/", "/account/login/"
    pulse = browser.get("/ui/pulse/").headers["ETag"]

    def patched(body, kind="application/json"):
        return browser.patch(marks, body, content_type=kind)

    return {
        "page": browser.get("/orders/"),
        "page to a browser that has it": browser.get("/ui/pulse/", headers={"if-none-match": pulse}),
        "fragment": browser.get("/orders/", headers={"hx-request": "true"}),
        "form refused": browser.post("/accounts/me/tokens/", {"name": ""}),
        "form overtaken": browser.post(f"/channels/{shop.pk}/change/", form | {"version": version}),
        "json": browser.get("/api/v1/figures/?from=2026-03-01&to=2026-03-02"),
        "json refused": browser.get("/api/v1/figures/?from=never"),
        "json overtaken": patched({"note": "mine", "version": 0}),
        "json without a version": patched({"note": "mine"}),
        "json of another kind": patched("<note/>", "application/xml"),
        "list as a file": browser.get("/orders/?export=csv"),
        "brought file": _brought(browser, order),
        "picture": _picture(browser),
        "static": guest.get("/static/css/tokens.css"),
        "log-in": guest.get(login),
        "log-in refused": guest.post(login, {"login": "x", "password": "y"}),
        "log-in done": Client(**more).post(login, {"login": "lin", "password": PASSWORD}),
        "log-out": _logged_out(client_of, **more),
        "redirect to the log-in": guest.get("/orders/"),
        "fragment not logged in": guest.get("/orders/", headers={"hx-request": "true"}),
        "not logged in, API": guest.get("/api/v1/figures/"),
        "wrong token": guest.get("/api/v1/figures/", headers={"authorization": "Bearer so_x"}),
        "too many tries, API": [guest.get("/api/v1/figures/", headers={"authorization": "Bearer so_x"}) for _ in range(20)][-1],
        "too many tries": [guest.post("/accounts/forgot/", {"name": f"name-{number}"}) for number in range(16)][-1],
        "cannot be meant": browser.get("/orders/?q=%00"),
        "not allowed": client_of("designer").get("/orders/", **more),
        "without its token": strict.post("/account/login/", {"login": "x", "password": "y"}),
        "not there": browser.get("/nowhere/"),
        "no method": browser.delete("/orders/"),
        "too large": guest.post(login, b"x" * 2_000_000, content_type="text/plain"),
        **_broken(browser, marks, monkeypatch),
    }  # fmt: skip


def _broken(browser, marks, monkeypatch):
    def breaks(*_args, **_kwargs):
        raise RuntimeError("planted: no answer tells of it")

    with monkeypatch.context() as broken:
        broken.setattr(OrderList, "get_queryset", breaks)
        broken.setattr(own_api, "_shown", breaks)
        return {"broken": browser.get("/orders/"), "broken, API": browser.get(marks)}


def _brought(browser, order):
    comment = make_comment(order, by=User.objects.get(username="lin"), files=["a.csv"])
    answer = browser.get(reverse("collaboration:file", args=[comment.files.get().pk]))
    b"".join(answer.streaming_content)
    return answer


def _picture(browser):
    browser.get("/account/factors/app/")
    return browser.get("/accounts/me/factors/picture.svg")


def _logged_out(client_of, **more):
    return client_of("analyst").post("/account/logout/", **more)


def test_each_kind_of_answer_is_what_the_table_says(answers):
    found = {
        kind: (answer.status_code, answer.headers.get("Cache-Control"), directives(answer))
        for kind, answer in answers.items()
    }

    assert found == KINDS
    assert answers["list as a file"].headers["Content-Disposition"].startswith("attachment")
    assert answers["brought file"].headers["Content-Disposition"].startswith("attachment")
    assert answers["log-out"].headers["Clear-Site-Data"] == '"cache", "storage"'
    for kind in ("json refused", "json overtaken", "wrong token", "too many tries, API", "broken, API"):
        assert answers[kind].headers["Content-Type"].startswith("application/problem+json"), kind
    assert {kind for kind, answer in answers.items() if "Retry-After" in answer.headers} == {
        "too many tries", "too many tries, API"
    }  # fmt: skip
    assert not [kind for kind, answer in answers.items() if b"planted" in getattr(answer, "content", b"")]


def test_every_kind_of_answer_carries_the_same_protection(answers):
    missing = [
        (kind, name, answer.headers.get(name))
        for kind, answer in answers.items()
        for name, wanted in GUARDS.items()
        if answer.headers.get(name) != wanted and not (kind == "static" and name in OF_NO_FRAME)
    ]

    assert missing == []


ASKED = """
import json
from django.conf import settings
names = ("SECURE", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH",
    "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE", "CSRF_COOKIE_DOMAIN",
    "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_SSL_REDIRECT", "SECURE_PROXY_SSL_HEADER")
print(json.dumps({name: getattr(settings, name) for name in names}))
"""
COOKIES = {"__Host-session", "__Host-csrf", "__Host-device", "messages", "shopops_language", "shopops_cols_orders"}


@pytest.fixture
def public(settings):
    """The settings of a store on a public address, as a Python started for one has them."""
    asked_for = {"SITE_URL": "https://shop.example.com", "BEHIND_PROXY": "yes"}
    environment = os.environ | asked_for | {"DJANGO_SETTINGS_MODULE": "shopops.settings"}
    told = subprocess.run([sys.executable, "-c", ASKED], env=environment, capture_output=True, text=True, check=True)
    found = json.loads(told.stdout)
    for name, value in found.items():
        setattr(settings, name, value)
    return found


def test_a_public_store_binds_cookies_to_its_host_and_asks_for_https(
    client_of, make_user, monkeypatch, public, settings
):
    with acting(SYSTEM):
        Role.objects.update(second_factor=Role.Factor.OFFERED)  # or a manager would be led to it first
    address = {"SERVER_NAME": "shop.example.com", "HTTP_X_FORWARDED_PROTO": "https"}

    answers = _answers(client_of, make_user, monkeypatch, settings, **address)
    browser = Client(raise_request_exception=False, **address)
    browser.force_login(make_user("analyst", username="wang"), backend="shopops.accounts.backends.StaffBackend")
    chosen = [browser.post("/ui/language/", {"language": "en"}), browser.get("/orders/?cols=number,paid")]
    told = [item for answer in [*answers.values(), *chosen] for item in answer.cookies.items()]
    cookies = {name: cookie for name, cookie in told if cookie.value}  # the others take one away

    assert {kind: answer.status_code for kind, answer in answers.items()} == {
        kind: status for kind, (status, _cache, _policy) in KINDS.items()
    }
    assert {answer.headers.get("Strict-Transport-Security") for answer in answers.values()} == {
        "max-age=31536000; includeSubDomains"
    }
    assert set(cookies) <= COOKIES
    assert set(cookies) >= {"__Host-session", "__Host-csrf", "shopops_language", "shopops_cols_orders"}
    loose = {
        name: dict(cookie)
        for name, cookie in cookies.items()
        if (bool(cookie["secure"]), bool(cookie["httponly"]), cookie["samesite"], cookie["path"], cookie["domain"])
        != (True, True, "Lax", "/", "")
    }
    assert loose == {}


def test_a_public_store_answers_nothing_without_https(make_user, public):
    browser = Client(SERVER_NAME="shop.example.com")

    answers = [browser.get(path) for path in ("/", "/account/login/", "/api/v1/figures/", "/static/css/tokens.css")]

    assert {(answer.status_code, answer.headers["Location"].partition("//")[0]) for answer in answers} == {
        (301, "https:")
    }
    assert not browser.cookies
