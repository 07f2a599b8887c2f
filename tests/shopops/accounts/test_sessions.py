"""How long a log-in lasts, what ends it, and what its cookies and answers look like."""

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from shopops.accounts import services, sessions, tokens
from shopops.accounts.models import Role, User
from shopops.history.actor import SYSTEM
from shopops.history.models import Change
from shopops.history.versions import version_of
from tests.shopops.accounts.conftest import PASSWORD

NEW = "five words about the autumn"


def is_in(browser):
    return browser.get("/ui/me/").status_code == 200


# --- beginning


def test_log_in_gives_a_new_session_id_and_keeps_none_that_was_planted(person, log_in):
    person("manager")
    browser = Client()
    browser.get("/account/login/")
    browser.session.save()
    planted = Client()
    session = planted.session
    session["planted"] = True
    session.save()
    planted.cookies[settings.SESSION_COOKIE_NAME] = session.session_key

    log_in("manager", browser=planted)

    assert is_in(planted)
    assert planted.session.session_key != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_the_second_factor_gives_another_new_one(person, log_in, app_of):
    code = app_of(person("manager"))
    browser = log_in("manager")
    halfway = browser.session.session_key

    browser.post("/account/login/second/", {"code": code()})

    assert is_in(browser)
    assert browser.session.session_key != halfway
    assert not Session.objects.filter(session_key=halfway).exists()


@pytest.mark.parametrize("secure", [False, True], ids=["local", "public"])
def test_cookies_are_closed_to_scripts_and_other_sites(person, log_in, secure):
    """On a public address the names bind them to this host (settings are made at start: see test_settings)."""
    person("manager")
    cookies = log_in("manager").answer.cookies

    for name in (settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_NAME.replace("session", "device")):
        assert cookies[name]["httponly"]
        assert cookies[name]["samesite"] == "Lax"
        assert cookies[name]["path"] == "/"
        assert not cookies[name]["domain"]


# --- time


@pytest.mark.parametrize(
    ("role", "minutes", "lasts"),
    [("analyst", 479, True), ("analyst", 480, False), ("hr_officer", 29, True), ("hr_officer", 30, False)],
)
def test_an_idle_log_in_ends_by_role(person, log_in, standing, role, minutes, lasts):
    person(role)
    browser = log_in(role)
    standing.pass_by(minutes=minutes)

    assert is_in(browser) is lasts


def test_of_several_roles_the_shortest_time_counts(person, log_in, standing):
    person("analyst", "accountant", username="both")
    browser = log_in("both")
    standing.pass_by(minutes=30)

    assert not is_in(browser)


def test_use_keeps_a_log_in_and_twelve_hours_end_it(person, log_in, standing):
    person("manager")
    browser = log_in("manager")
    alive = []
    for _hour in range(13):
        alive.append(is_in(browser))
        standing.pass_by(hours=1)

    assert alive == [True] * 12 + [False]


def test_what_a_page_polls_by_itself_keeps_nobody_logged_in(person, log_in, standing):
    person("hr_officer")
    browser = log_in("hr_officer")
    for _time in range(4):
        standing.pass_by(minutes=9)
        last = browser.get("/ui/me/", headers={"X-Background": "1"})

    assert last.status_code == 302


def test_the_log_in_page_says_why(person, log_in, standing):
    person("hr_officer")
    browser = log_in("hr_officer")
    standing.pass_by(minutes=31)

    page = browser.get("/ui/me/", follow=True).content.decode()

    assert "You were away for a while" in page


def test_limits_cost_no_query_and_last_seen_one_write_a_minute(person, log_in, standing, django_assert_num_queries):
    person("manager")
    browser = log_in("manager")
    with django_assert_num_queries(4):  # session, user with permissions, roles, the frame's counts
        browser.get("/ui/me/")
    standing.pass_by(seconds=61)
    browser.get("/ui/me/")

    assert UserSession.objects.get().last_seen_at == standing.now
    with django_assert_num_queries(4):
        browser.get("/ui/me/")


# --- ending


def test_log_out_is_a_post_that_deletes_the_row_and_clears_the_browser(person, log_in):
    person("manager")
    browser = log_in("manager")
    key = browser.session.session_key

    asked = browser.get("/account/logout/")
    still = is_in(browser)
    answer = browser.post("/account/logout/")

    assert asked.status_code == 200
    assert still
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=key).exists()
    assert not UserSession.objects.filter(session_key=key).exists()
    assert not is_in(browser)


def test_log_out_needs_the_token_of_its_form(person, log_in):
    person("manager")
    browser = log_in("manager", browser=Client())
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies

    assert strict.post("/account/logout/").status_code == 403
    assert is_in(browser)


def test_a_changed_password_ends_the_other_sessions_and_the_tokens(person, log_in):
    user = person("manager")
    here, there = log_in("manager"), log_in("manager")
    _token, secret = tokens.create(user, name="t", scopes=["orders.import"], expires_at=in_a_week())

    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    answer = here.post("/account/password/", form)

    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert UserSession.objects.filter(user=user).count() == 1
    assert tokens.find(secret) is None


def test_a_password_set_by_a_link_ends_all(person, log_in):
    from shopops.accounts import invitations

    user = person("manager")
    browser = log_in("manager")
    _token, secret = tokens.create(user, name="t", scopes=["orders.import"], expires_at=in_a_week())

    invitations.set_password(user, NEW)

    assert not is_in(browser)
    assert tokens.find(secret) is None
    assert not Session.objects.exists()


def test_the_former_password_is_asked_for_and_cannot_be_guessed(person, log_in, hashed):
    person("manager")
    browser = log_in("manager")
    wrong = {"oldpassword": "guess", "password1": NEW, "password2": NEW}
    for _time in range(5):
        browser.post("/account/password/", wrong)
    hashed.clear()

    answer = browser.post("/account/password/", wrong | {"oldpassword": PASSWORD})

    assert "Too many wrong passwords" in answer.content.decode()
    assert hashed == []
    assert User.objects.get(username="manager").check_password(PASSWORD)


def in_a_week():
    from datetime import timedelta

    from shopops import clock

    return clock.now() + timedelta(days=7)


@pytest.mark.parametrize("roles", [["analyst"], ["manager", "analyst"], []])
def test_changed_roles_end_sessions_and_tokens(person, log_in, make_user, roles):
    user = person("manager")
    browser = log_in("manager")
    _token, secret = tokens.create(user, name="t", scopes=["orders.import"], expires_at=in_a_week())

    services.set_roles(user.pk, roles, by=make_user("administrator"))

    assert not is_in(browser)
    assert tokens.find(secret) is None


def test_a_changed_name_ends_nothing(person, log_in, make_user):
    user = person("manager")
    browser = log_in("manager")

    services.change_user(
        user.pk,
        full_name="New",
        email="",
        department=None,
        roles=list(user.roles.all()),
        is_active=True,
        version=version_of(user, links=services.ROLES_OF),
        by=SYSTEM,
    )

    assert is_in(browser)


def test_the_page_names_each_device_and_this_one(person, log_in):
    person("manager")
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
    log_in("manager", HTTP_USER_AGENT=phone, REMOTE_ADDR="203.0.113.9")
    here = log_in("manager")

    page = here.get(reverse("accounts:sessions")).content.decode()

    assert "Safari · iPhone" in page
    assert "203.0.113.9" in page
    assert page.count("this one") == 1


def test_one_of_ones_own_is_ended_and_no_one_elses(person, log_in):
    user, _other = person("manager"), person("manager", username="other")
    here, there, other = log_in("manager"), log_in("manager"), log_in("other")
    mine = UserSession.objects.get(session_key=there.session.session_key).pk
    others = UserSession.objects.get(session_key=other.session.session_key).pk

    answers = [here.post(reverse("accounts:end_session", kwargs={"pk": pk})).status_code for pk in (mine, others)]

    assert answers == [302, 404]
    assert (is_in(here), is_in(there), is_in(other)) == (True, False, True)
    assert sessions.of(user).count() == 1


def test_all_others_are_ended_those_no_page_knows_too(person, log_in):
    user = person("manager")
    here, there, unknown = log_in("manager"), log_in("manager"), Client()
    unknown.force_login(user, backend="shopops.accounts.backends.StaffBackend")  # no row on the page of sessions

    here.post(reverse("accounts:end_other_sessions"))

    assert (is_in(here), is_in(there), is_in(unknown)) == (True, False, False)
    assert [item.session_key for item in sessions.of(user)] == [here.session.session_key]


def test_an_administrator_logs_everybody_else_out(person, log_in, client_of):
    person("manager")
    browser, administrator = log_in("manager"), client_of("administrator")

    administrator.post(reverse("accounts:end_everybody"))

    assert not is_in(browser)
    assert is_in(administrator)


def test_a_confirmation_gives_a_new_session_id(person, log_in):
    person("manager")
    browser = log_in("manager")
    former = browser.session.session_key

    browser.post("/account/confirm/", {"password": PASSWORD})

    assert browser.session.session_key != former
    assert not Session.objects.filter(session_key=former).exists()
    assert UserSession.objects.get().session_key == browser.session.session_key


@pytest.mark.parametrize("change", [{"email": "thief@example.com"}, {"roles": []}, {"is_active": ""}])
def test_what_a_log_in_depends_on_is_changed_after_a_recent_log_in_only(person, log_in, standing, make_user, change):
    person("administrator", username="chief")
    user = make_user("analyst")
    role = Role.objects.get(code="analyst").pk
    form = {"full_name": "Analyst", "email": "", "department": "", "roles": [role], "is_active": "on"}
    form["version"] = version_of(user, links=services.ROLES_OF)
    browser = log_in("chief")
    standing.pass_by(minutes=11)
    url = reverse("accounts:change", kwargs={"pk": user.pk})

    refused = browser.post(url, form | change).headers["Location"]
    allowed = browser.post(url, form | {"full_name": "Another"}).headers["Location"]

    user.refresh_from_db()
    assert refused.startswith("/account/confirm/")
    assert allowed == reverse("accounts:person", kwargs={"pk": user.pk})
    assert (user.email, user.is_active, user.roles.count()) == ("", True, 1)


def test_an_administrator_ends_somebodys_sessions_and_history_tells(person, log_in, client_of):
    user = person("manager")
    browser, administrator = log_in("manager"), client_of("administrator")
    _token, secret = tokens.create(user, name="t", scopes=["orders.import"], expires_at=in_a_week())

    administrator.post(reverse("accounts:end_sessions", kwargs={"pk": user.pk}))

    assert not is_in(browser)
    assert tokens.find(secret) is None
    change = Change.objects.filter(table_name="shopops_user", row_id=user.pk, changes__session_epoch=[0, 1]).get()
    assert change.actor_id == administrator.user.pk


def test_a_switched_off_log_in_is_out_at_the_next_request(person, log_in, make_user):
    user = person("manager")
    browser = log_in("manager")

    services.change_user(
        user.pk,
        full_name="x",
        email="",
        department=None,
        roles=list(user.roles.all()),
        is_active=False,
        version=version_of(user, links=services.ROLES_OF),
        by=make_user("administrator"),
    )

    assert not is_in(browser)
    assert User.objects.get(pk=user.pk).session_epoch == 1


# --- the broker is gone


def test_logging_in_needs_no_broker(person, log_in, app_of, monkeypatch):
    import kombu.connection

    def refuse(*_args, **_kwargs):
        raise OSError("no broker")

    monkeypatch.setattr(kombu.connection.Connection, "_ensure_connection", refuse)
    monkeypatch.setattr(kombu.connection.Connection, "connect", refuse)
    code = app_of(person("manager", email="lin@example.com"))
    browser = log_in("manager")
    browser.post("/account/login/second/", {"code": code()})
    wrong = log_in("manager", "wrong").answer
    asked = Client().post(reverse("accounts:forgot"), {"name": "manager"})
    guesser = Client()
    for _time in range(5):
        log_in("manager", "wrong", guesser)

    assert is_in(browser)
    assert (
        log_in("manager", browser=guesser).answer.status_code == 429
    )  # limits are rows of the database, not the broker's
    assert (wrong.status_code, asked.status_code) == (200, 200)
    assert browser.post("/account/logout/").status_code == 302
