"""Headers of each kind of answer: page, fragment, JSON, file, error, redirect, static; refusals before any view too."""

import pytest
from django.test import Client

from products.channels.models import Channel
from shopops.history.actor import SYSTEM, acting

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
PERSONAL = "no-store"


def directives(answer):
    return dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))


@pytest.fixture
def answers(client_of):
    """One answer of each kind."""
    with acting(SYSTEM):
        Channel.objects.create(code="shop", title="Shop", platform="site", currency="CNY")
    browser, guest = client_of("manager"), Client(raise_request_exception=False)
    return {
        "page": browser.get("/orders/"),
        "fragment": browser.get("/orders/", headers={"hx-request": "true"}),
        "form refused": browser.post("/accounts/me/tokens/", {"name": ""}),
        "json": browser.get("/api/v1/figures/?from=2026-03-01&to=2026-03-02"),
        "json refused": browser.get("/api/v1/figures/?from=never"),
        "file": browser.get("/orders/?export=csv"),
        "picture": _picture(browser),
        "log-in": guest.get("/account/login/"),
        "log-in refused": guest.post("/account/login/", {"login": "x", "password": "y"}),
        "redirect": guest.get("/orders/"),
        "not logged in, API": guest.get("/api/v1/figures/"),
        "wrong token": guest.get("/api/v1/figures/", headers={"authorization": "Bearer so_x"}),
        "log-out": _logged_out(client_of),
        "not allowed": browser.get("/accounts/new/"),
        "not there": browser.get("/nowhere/"),
        "no method": browser.delete("/orders/"),
        "cannot be meant": browser.get("/orders/?q=%00"),
        "too large": guest.post("/account/login/", b"x" * 2_000_000, content_type="text/plain"),
    }


def _picture(browser):
    browser.get("/account/factors/app/")
    return browser.get("/accounts/me/factors/picture.svg")


def _logged_out(client_of):
    return client_of("analyst").post("/account/logout/")


def test_every_kind_of_answer_carries_the_same_protection(answers):
    missing = [
        (kind, name, answer.headers.get(name))
        for kind, answer in answers.items()
        for name, wanted in EVERYWHERE.items()
        if answer.headers.get(name) != wanted
    ]

    assert missing == []


def test_every_kind_of_answer_has_the_strict_policy(answers):
    loose = []
    for kind, answer in answers.items():
        found = directives(answer)
        strict = (
            found["script-src"] == "'self'"
            and found["style-src"] == "'self'"
            and found["object-src"] == "'none'"
            and found["base-uri"] == "'none'"
            and found["frame-ancestors"] == "'none'"
            and found["form-action"] == "'self'"
        )
        loose += [] if strict else [kind]

    assert loose == []


def test_no_answer_may_be_kept_by_a_cache(answers):
    kept = {kind: answer.headers.get("Cache-Control") for kind, answer in answers.items()}

    assert {kind: value for kind, value in kept.items() if PERSONAL not in (value or "")} == {}


def test_each_answer_is_of_the_kind_it_says(answers):
    codes = {kind: answer.status_code for kind, answer in answers.items()}

    assert codes == {
        "page": 200,
        "fragment": 200,
        "form refused": 422,
        "json": 200,
        "json refused": 422,
        "file": 200,
        "picture": 200,
        "log-in": 200,
        "log-in refused": 200,
        "redirect": 302,
        "not logged in, API": 401,
        "wrong token": 401,
        "log-out": 302,
        "not allowed": 403,
        "not there": 404,
        "no method": 405,
        "cannot be meant": 400,
        "too large": 413,
    }
    assert answers["file"].headers["Content-Disposition"].startswith("attachment")
    assert answers["json refused"].headers["Content-Type"].startswith("application/problem+json")


def test_every_cookie_is_closed_to_other_sites_and_all_but_choices_to_scripts(answers, client_of):
    open_to_scripts, loose = set(), set()
    for answer in answers.values():
        for name, cookie in answer.cookies.items():
            if not cookie.value:
                continue  # one that is deleted
            open_to_scripts |= set() if cookie["httponly"] else {name}
            loose |= set() if cookie["samesite"] in {"Lax", "Strict"} else {name}

    assert open_to_scripts == set()
    assert loose == set()


def test_a_public_address_binds_cookies_to_its_host_and_asks_for_https(settings):
    """Settings are made at start; what they become for an https address is asked of a second Python."""
    import json
    import os
    import subprocess
    import sys

    asked = """
import json
from django.conf import settings as s
print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
                  s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_SSL_REDIRECT]))
"""
    environment = os.environ | {"SITE_URL": "https://shop.example.com", "DJANGO_SETTINGS_MODULE": "shopops.settings"}
    told = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)

    assert json.loads(told.stdout) == ["__Host-session", "__Host-csrf", True, True, 31_536_000, True, True]
