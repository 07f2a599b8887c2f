"""The second factor: a code once, five tries, no way around it, and who must have one."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.db import connection
from django.test import Client
from django.urls import reverse

from shopops.accounts import second_factor
from shopops.accounts.middleware import ENROLMENT
from shopops.accounts.models import Role, User
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from tests.shopops.accounts.conftest import PASSWORD

SECOND = "/account/login/second/"


def is_in(browser):
    return browser.get("/ui/me/").status_code == 200


@pytest.fixture
def guarded(person, app_of):
    """Somebody with an authenticator app: the person, and what shows the code."""
    user = person("manager")
    return user, app_of(user)


def test_the_right_password_alone_opens_nothing(guarded, log_in):
    browser = log_in("manager")

    assert browser.answer.headers["Location"] == SECOND
    assert not is_in(browser)
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("path", ["/", "/orders/", "/accounts/", "/api/v1/figures/", "/account/factors/", "/ui/me/"])
def test_somebody_halfway_in_is_nobody(guarded, log_in, path):
    browser = log_in("manager")

    answer = browser.get(path)

    assert answer.status_code in {302, 401}
    assert "/account/login/" in answer.headers.get("Location", "/account/login/")


def test_password_and_code_log_in(guarded, log_in):
    _user, code = guarded
    browser = log_in("manager")

    answer = browser.post(SECOND, {"code": code()})

    assert answer.status_code == 302
    assert is_in(browser)


def test_a_code_works_once(guarded, log_in):
    _user, code = guarded
    log_in("manager").post(SECOND, {"code": code()})

    second = log_in("manager")
    answer = second.post(SECOND, {"code": code()})

    assert "works once" in answer.content.decode()
    assert not is_in(second)


def test_the_code_of_the_next_half_minute_works_again_and_the_former_never(guarded, log_in, standing):
    user, code = guarded
    former = code()
    standing.pass_by(seconds=30)
    browser = log_in("manager")

    with pytest.raises(second_factor.WrongCode):
        second_factor.check_code(user, former)
    browser.post(SECOND, {"code": code()})

    assert is_in(browser)


def test_five_wrong_codes_are_followed_by_a_pause_that_the_right_one_does_not_end(guarded, log_in, standing):
    _user, code = guarded
    browser = log_in("manager")
    for _time in range(5):
        browser.post(SECOND, {"code": "000000"})

    answer = browser.post(SECOND, {"code": code()})
    in_the_pause = is_in(browser)
    standing.pass_by(minutes=5)
    browser.post(SECOND, {"code": code()})

    assert "Too many wrong codes" in answer.content.decode()
    assert not in_the_pause
    assert is_in(browser)


def test_a_new_log_in_does_not_give_five_new_tries(guarded, log_in):
    user, code = guarded
    for _time in range(5):
        log_in("manager").post(SECOND, {"code": "000000"})

    with pytest.raises(second_factor.TooManyCodes):
        second_factor.check_code(user, code())


def test_the_stage_cannot_be_reached_without_the_password(db, client):
    answer = client.post(SECOND, {"code": "123456"})

    assert answer.headers["Location"] == "/account/login/"


def test_a_link_to_set_a_password_does_not_go_round_it(guarded, log_in, client):
    from shopops.accounts import invitations

    user, _code = guarded
    link = invitations.link_for(user).partition("8000")[2]

    client.post(link, {"password": "five words about the autumn"})
    browser = log_in("manager", "five words about the autumn")

    assert browser.answer.headers["Location"] == SECOND
    assert not is_in(browser)


def test_a_recovery_code_works_once(guarded, log_in):
    user, _code = guarded
    codes = RecoveryCodes.activate(user).generate_codes()
    first = log_in("manager")
    first.post(SECOND, {"code": codes[0]})
    again = log_in("manager")
    again.post(SECOND, {"code": codes[0]})

    assert is_in(first)
    assert not is_in(again)


def test_secrets_are_stored_encrypted(guarded):
    user, _code = guarded
    RecoveryCodes.activate(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
        stored = cursor.fetchone()[0]

    secrets = [item.data.get("secret") or item.data["seed"] for item in Authenticator.objects.all()]
    from allauth.mfa.utils import decrypt

    assert len(secrets) == 2
    assert not [text for text in secrets if decrypt(text) in stored]


# --- setting it up


def set_up_app(browser):
    """Do what somebody does on the page; return the codes' secret."""
    browser.get(reverse("mfa_activate_totp"))
    secret = browser.session[SECRET_SESSION_KEY]
    code = second_factor.code_at(secret, second_factor.present_step())
    browser.answer = browser.post(reverse("mfa_activate_totp"), {"code": code})
    return code


def test_an_app_is_set_up_and_its_first_code_is_spent(person, log_in, standing):
    person("manager")
    browser = log_in("manager")

    code = set_up_app(browser)
    shown = browser.get(browser.answer.headers["Location"]).content.decode()
    again = browser.get(reverse("mfa_view_recovery_codes")).content.decode()
    second = log_in("manager")
    second.post(SECOND, {"code": code})

    assert len(re.findall(r"<code>\d{12}</code>", shown)) == 10
    assert "<code>" not in again  # shown once
    assert not is_in(second)


def test_the_picture_is_a_drawing_of_its_own_address(person, log_in):
    person("manager")
    browser = log_in("manager")

    before = browser.get(reverse("accounts:totp_picture"))
    browser.get(reverse("mfa_activate_totp"))
    picture = browser.get(reverse("accounts:totp_picture"))

    assert before.status_code == 404
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    assert b"<svg" in picture.content


def test_a_change_of_factors_asks_for_a_recent_log_in(person, log_in, standing):
    person("manager")
    browser = log_in("manager")
    standing.pass_by(minutes=11)

    pages = ("mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes")
    answers = [browser.get(reverse(name)) for name in pages]

    assert {answer.status_code for answer in answers} == {302}
    assert all(answer.headers["Location"].startswith("/account/confirm/?next=") for answer in answers)


def test_history_tells_that_a_factor_was_added_and_removed(person, log_in, standing):
    user = person("manager")
    browser = log_in("manager")
    set_up_app(browser)
    browser.post(reverse("mfa_deactivate_totp"))

    changes = Change.objects.filter(
        table_name="shopops_user", row_id=user.pk, op="update", changes__has_key="factor_count"
    )

    assert [(item.actor_id, item.changes["factor_count"]) for item in changes.order_by("id")] == [
        (user.pk, [0, 1]),
        (user.pk, [1, 0]),
    ]
    assert not Authenticator.objects.filter(user=user).exists()  # recovery codes went with the last


# --- who must have one


@pytest.fixture
def owing(person, log_in, settings):
    """A browser of somebody whose role requires what they have not."""
    settings.SECURE = True  # a public address
    person("manager")
    return log_in("manager")


def test_whoever_owes_a_second_factor_is_led_to_it_before_anything_else(owing):
    answers = {path: owing.get(path) for path in ("/", "/orders/", "/accounts/", "/ui/me/", "/search/")}
    fragment = owing.get("/orders/", headers={"HX-Request": "true"})
    call = owing.get("/api/v1/figures/")

    assert {answer.headers["Location"] for answer in answers.values() if answer.status_code != 404} == {
        reverse("mfa_index")
    }
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, reverse("mfa_index"))
    assert call.status_code == 403


def test_what_they_may_open_shows_nothing_of_the_store(owing):
    shown = owing.get(reverse("mfa_index")).content.decode()

    assert "/orders/" not in shown
    assert reverse("mfa_activate_totp") in shown


def test_pages_of_setting_up_are_all_there_is():
    """A page more in this list is a page somebody without a second factor may open."""
    assert sorted(ENROLMENT) == [
        "account_logout",
        "account_reauthenticate",
        "accounts:totp_picture",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_index",
        "ops:livez",
        "ops:readyz",
        "ui:language",
    ]


def test_with_a_factor_set_up_they_go_on(owing, standing):
    set_up_app(owing)

    assert is_in(owing)


def test_removing_the_last_one_owes_it_again(owing, standing):
    set_up_app(owing)
    owing.post(reverse("mfa_deactivate_totp"))

    assert owing.get("/ui/me/").headers["Location"] == reverse("mfa_index")


@pytest.mark.parametrize(
    ("role", "secure", "factor", "owes"),
    [
        ("manager", True, "", True),
        ("manager", False, "", False),  # a local address: offered
        ("manager", True, "offered", False),
        ("designer", True, "offered", False),
        ("designer", True, "required", True),
        ("designer", False, "required", True),
    ],
)
def test_a_role_requires_it_by_its_setting(person, log_in, settings, role, secure, factor, owes):
    settings.SECURE = secure
    person(role)
    with acting(SYSTEM):
        Role.objects.filter(code=role).update(second_factor=factor)

    browser = log_in(role)

    assert bool(browser.session.get("enrol")) is owes


def test_a_new_store_requires_it_of_those_who_see_money_pay_or_rights(db):
    required = Role.objects.filter(second_factor="").values_list("code", flat=True)

    assert sorted(required) == ["accountant", "administrator", "deputy", "hr_officer", "manager", "owner"]


def test_a_stricter_rule_logs_out_who_has_none(person, log_in, client_of, app_of):
    administrator = client_of("administrator")
    _without, having = person("designer", username="without"), person("designer", username="having")
    first, code = log_in("without"), app_of(having)
    second = log_in("having")
    second.post(SECOND, {"code": code()})
    roles = list(Role.objects.order_by("position", "pk"))
    form = {f"factor_{role.pk}": role.second_factor for role in roles}
    form |= {f"minutes_{role.pk}": role.idle_minutes for role in roles}
    designer = next(role for role in roles if role.code == "designer")

    answer = administrator.post(reverse("accounts:rules"), form | {f"factor_{designer.pk}": "required"})

    assert answer.status_code == 302
    assert not is_in(first)
    assert is_in(second)


# --- reset


def test_an_administrator_resets_it_and_history_names_them(
    guarded, client_of, log_in, django_capture_on_commit_callbacks
):
    from shopops.accounts.facts import log_in_changed

    user, code = guarded
    inside = log_in("manager")
    inside.post(SECOND, {"code": code()})
    administrator = client_of("administrator")
    told = []
    listener = lambda **fact: told.append((fact["user_id"], fact["what"], fact["by_id"]))  # noqa: E731 - kept to be taken off again
    log_in_changed.connect(listener)

    with django_capture_on_commit_callbacks(execute=True):
        administrator.post(reverse("accounts:reset_factor", kwargs={"pk": user.pk}))

    change = Change.objects.get(table_name="shopops_user", row_id=user.pk, changes__factor_count=[1, 0])
    assert change.actor_id == administrator.user.pk
    assert told == [(user.pk, "factor_reset", administrator.user.pk)]
    assert not is_in(inside)
    assert is_in(log_in("manager"))  # by password alone, until a new one is set up


def test_only_administrators_reset_it(guarded, client_of):
    user, _code = guarded
    officer = client_of("hr_officer")

    answer = officer.post(reverse("accounts:reset_factor", kwargs={"pk": user.pk}))

    assert answer.status_code == 403
    assert User.objects.get(pk=user.pk).factor_count == 1


def test_a_password_of_somebody_else_does_not_confirm(guarded, log_in, standing):
    _user, code = guarded
    browser = log_in("manager")
    browser.post(SECOND, {"code": code()})
    standing.pass_by(minutes=11)

    wrong = browser.post("/account/confirm/?next=/accounts/me/tokens/", {"password": "wrong"})
    right = browser.post("/account/confirm/?next=/accounts/me/tokens/", {"password": PASSWORD})

    assert wrong.status_code == 200
    assert right.headers["Location"] == "/accounts/me/tokens/"
    assert browser.get("/accounts/me/tokens/").status_code == 200


def test_nobody_looks_at_anothers_passkeys(person, log_in):
    owner = person("manager", username="owner")
    key = Authenticator.objects.create(user=owner, type="webauthn", data={"name": "k", "credential": {}})
    person("manager", username="other")
    browser = log_in("other")

    answer = browser.post(reverse("mfa_remove_webauthn", kwargs={"pk": key.pk}))

    assert answer.status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_nobody_is_in_without_a_log_in(db):
    assert not is_in(Client())
