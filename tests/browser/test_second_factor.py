"""The second factor as a person sets it up and uses it: an app's code, and a passkey of a virtual authenticator."""

import re

import pytest

from shopops.accounts import second_factor
from tests.browser.test_log_in import log_in, manager  # noqa: F401 - a fixture

PASSWORD = "a long and odd password"


@pytest.fixture
def virtual_key(page):
    """Plug a virtual authenticator into the browser."""
    tool = page.context.new_cdp_session(page)
    tool.send("WebAuthn.enable")
    tool.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return tool


def present_code(secret, after=0):
    """Wait for nothing: give the step's code, and the step."""
    step = second_factor.present_step()
    assert step > after
    return second_factor.code_at(secret, step), step


def log_out(page):
    page.goto("/account/logout/")
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/account/login/**")


def test_an_app_is_set_up_on_my_settings_and_asked_for_at_the_next_log_in(
    page,
    manager,
    accessible,
):
    log_in(page, PASSWORD)
    page.wait_for_url(lambda url: "/account/login/" not in url)
    page.goto("/ui/me/")
    page.get_by_role("link", name="Second factor").click()
    accessible(page)
    page.locator("a[href='/account/factors/app/']").click()
    picture = page.locator("img.so-qr")
    drawn = picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
    accessible(page)
    page.get_by_text("No camera?").click()
    secret = page.locator("details code").inner_text()
    page.locator("#id_code").fill(present_code(secret)[0])
    page.locator("#id_code").press("Enter")
    page.wait_for_url("**/account/factors/codes/")
    codes = page.locator(".so-codes code").all_inner_texts()
    accessible(page)
    page.get_by_role("link", name="Done").click()
    page.get_by_text("10 codes left").wait_for()

    log_out(page)
    log_in(page, PASSWORD)
    page.wait_for_url("**/account/login/second/")
    accessible(page)
    page.locator("#id_code").fill("000000")
    page.locator("#id_code").press("Enter")
    page.get_by_role("alert").filter(has_text="does not fit").wait_for()
    page.locator("#id_code").fill(codes[0])
    page.locator("#id_code").press("Enter")
    page.wait_for_url(lambda url: "/account/login" not in url)

    assert drawn > 100
    assert len(codes) == 10
    assert all(re.fullmatch(r"\d{12}", code) for code in codes)


def test_a_passkey_is_added_used_at_log_in_and_to_confirm_and_removed(
    page,
    manager,
    virtual_key,
    accessible,
):
    log_in(page, PASSWORD)
    page.wait_for_url(lambda url: "/account/login/" not in url)
    page.goto("/account/factors/passkey/")
    accessible(page)
    page.locator("#id_name").fill("this laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/account/factors/codes/")
    page.get_by_role("link", name="Done").click()
    page.get_by_text("this laptop").wait_for()

    log_out(page)
    log_in(page, PASSWORD)
    page.wait_for_url("**/account/login/second/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/account/login" not in url)

    page.goto("/account/confirm/passkey/?next=/ui/me/")
    accessible(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/confirm/" not in url)

    page.goto("/account/factors/")
    page.get_by_role("link", name="Remove").click()
    accessible(page)
    page.get_by_role("button", name="Remove").click()
    page.wait_for_url("**/account/factors/")

    assert page.get_by_text("this laptop").count() == 0
    log_out(page)
    log_in(page, PASSWORD)
    page.wait_for_url(lambda url: "/account/login" not in url)  # a password is enough again


def test_whoever_owes_one_sees_nothing_but_its_set_up(page, manager, settings, accessible, fits):
    from shopops.accounts.models import Role
    from shopops.history.actor import SYSTEM, acting

    with acting(SYSTEM):
        Role.objects.filter(code="manager").update(second_factor="required")
    page.set_viewport_size({"width": 390, "height": 844})

    log_in(page, PASSWORD)
    page.wait_for_url("**/account/factors/")
    accessible(page)
    fits(page)

    assert page.locator("nav").count() == 0
    page.goto("/orders/")
    assert page.url.endswith("/account/factors/")
