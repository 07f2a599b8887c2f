"""The frame in a real browser: palette, keys, theme, lists without a page load, the phone's drawer."""

import re

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_component_is_accessible_and_fits(login, accessible, fits, phone, theme):
    page = login("administrator", phone=phone, color_scheme=theme)
    page.goto("/styleguide/")

    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    accessible(page)
    fits(page)


def test_the_palette_opens_by_key_finds_a_page_and_goes_there(login):
    page = login("administrator")
    page.goto("/ui/me/")

    page.keyboard.press("Control+k")
    page.keyboard.type("Rol")
    expect(page.locator("#palette-results a.so-here")).to_contain_text("Roles")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/accounts/roles/$"))


def test_a_list_changes_without_a_page_load_and_its_url_can_be_sent(login):
    page = login("administrator")
    page.goto("/accounts/")
    page.evaluate("document.body.dataset.kept = '1'")

    page.keyboard.press("/")
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")

    expect(page.locator("#list")).to_contain_text("Nothing fits these filters")
    expect(page).to_have_url(re.compile(r"\?q=nobody$"))
    assert page.evaluate("document.body.dataset.kept") == "1"


def test_rows_are_walked_and_opened_by_keys(login):
    page = login("administrator")
    page.goto("/accounts/")

    page.keyboard.press("j")
    expect(page.locator("tr.so-here")).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/accounts/\d+/$"))


def test_the_theme_is_kept_from_page_to_page(login):
    page = login("administrator", color_scheme="light")
    page.goto("/ui/me/")

    page.locator(".so-bar [data-so=theme]").click()
    page.goto("/accounts/")

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_phone_opens_the_navigation_from_the_tab_bar(login, fits):
    page = login("administrator", phone=True)
    page.goto("/accounts/")

    page.locator("[data-so=drawer]").click()

    expect(page.locator("#nav").get_by_role("link", name="Roles")).to_be_visible()
    fits(page)
