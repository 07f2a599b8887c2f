"""Ten minutes after a log-in or a confirmation somebody is believed; later they confirm and come back."""

from urllib.parse import unquote

import pytest
from django.http import HttpResponse

from shopops.access.declare import STAFF, access, declared
from shopops.accounts.recent import require_recent_login
from tests.shopops.accounts.conftest import PASSWORD

PAGE = "/accounts/me/tokens/"


@pytest.mark.parametrize(("minutes", "status"), [(0, 200), (9, 200), (10, 302), (60, 302)])
def test_ten_minutes_after_the_log_in(person, log_in, standing, minutes, status):
    person("manager")
    browser = log_in("manager")
    standing.pass_by(minutes=minutes)

    assert browser.get(PAGE).status_code == status


def test_a_confirmation_leads_back_and_counts_ten_minutes(person, log_in, standing):
    person("manager")
    browser = log_in("manager")
    standing.pass_by(minutes=11)
    asked = unquote(browser.get(PAGE).headers["Location"])

    back = browser.post(asked, {"password": PASSWORD})
    standing.pass_by(minutes=9)
    soon = browser.get(PAGE).status_code
    standing.pass_by(minutes=1)

    assert asked == "/account/confirm/?next=/accounts/me/tokens/"
    assert back.headers["Location"] == PAGE
    assert (soon, browser.get(PAGE).status_code) == (200, 302)


def test_a_form_leads_back_to_its_page_never_elsewhere(person, log_in, standing):
    person("manager")
    browser = log_in("manager")
    standing.pass_by(minutes=11)

    own = browser.post(PAGE, headers={"referer": "http://testserver/accounts/me/tokens/?a=1"})
    foreign = browser.post(PAGE, headers={"referer": "https://example.com/x"})
    fragment = browser.post(PAGE, headers={"hx-request": "true", "hx-current-url": "http://testserver/orders/"})

    assert unquote(own.headers["Location"]) == "/account/confirm/?next=/accounts/me/tokens/?a=1"
    assert unquote(foreign.headers["Location"]) == "/account/confirm/?next=/"
    assert fragment.status_code == 401
    assert unquote(fragment.headers["HX-Redirect"]) == "/account/confirm/?next=/orders/"


def test_an_open_redirect_is_not_followed(person, log_in):
    person("manager")
    browser = log_in("manager")

    answer = browser.post("/account/confirm/?next=https://example.com/", {"password": PASSWORD})

    assert answer.headers["Location"] == "/"


def test_wrong_confirmations_are_limited_like_log_ins(person, log_in, standing):
    person("manager")
    browser = log_in("manager")
    answers = [browser.post("/account/confirm/", {"password": "wrong"}).status_code for _time in range(6)]

    assert answers[-1] == 429


def test_many_right_confirmations_are_not(person, log_in, standing):
    person("manager")
    browser = log_in("manager")

    assert {browser.post("/account/confirm/", {"password": PASSWORD}).status_code for _time in range(8)} == {302}


def test_the_declaration_of_a_view_stays(db):
    def view(request):
        return HttpResponse()

    assert declared(require_recent_login(access(STAFF)(view))) == declared(access(STAFF)(require_recent_login(view)))
