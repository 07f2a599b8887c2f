"""In a real browser: a phone is uncovered by two clicks, covers itself again, and stands in the access log."""

import re

import pytest
from playwright.sync_api import expect

from products.orders.models import OrderContact
from shopops.access.personal import protect_phone
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from tests.factories.orders import make_channel, make_order

NUMBER, MASK = "13812346027", "138****6027"


@pytest.fixture
def order(transactional_db):
    order = make_order(make_channel("tmall"))
    phone = protect_phone(NUMBER)
    with acting(SYSTEM):
        OrderContact.objects.create(
            order=order, phone=phone.cipher, phone_digest=phone.digest, phone_tail=phone.tail, phone_mask=phone.mask
        )
    return order


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_phone_is_uncovered_by_two_clicks_and_found_in_the_access_log(order, login, violations, phone):
    page = login("manager", phone=phone)
    page.clock.install()
    page.goto(f"/orders/{order.pk}/")
    field = page.locator(".so-personal", has_text=MASK)

    field.get_by_text("Show", exact=True).first.click()
    field.get_by_role("button", name="Delivery").click()

    expect(page.get_by_text(f"+86{NUMBER}")).to_be_visible()
    assert violations(page) == []
    page.clock.fast_forward(61_000)
    expect(page.get_by_text(f"+86{NUMBER}")).to_have_count(0)
    expect(page.locator(".so-personal", has_text=MASK)).to_be_visible()

    page.goto("/reveals/")
    row = page.locator("main").get_by_text(re.compile("Delivery")).locator("visible=true").first
    expect(row).to_be_visible()
    assert order.number in page.content()
    assert NUMBER not in page.content()
    assert violations(page) == []
    assert Change.objects.filter(op="reveal").count() == 1


def test_going_back_finds_the_mask(order, login):
    page = login("manager")
    page.goto(f"/orders/{order.pk}/")
    page.locator(".so-personal", has_text=MASK).get_by_text("Show", exact=True).first.click()
    page.get_by_role("button", name="Delivery").click()
    expect(page.get_by_text(f"+86{NUMBER}")).to_be_visible()

    page.goto("/orders/")
    page.go_back()

    expect(page.locator(".so-personal", has_text=MASK)).to_be_visible()
    assert NUMBER not in page.content()


def test_who_sees_as_a_role_is_told_so_and_leaves_by_one_click(order, login, violations):
    page = login("administrator")
    page.goto("/accounts/roles/")
    page.get_by_role("link", name="Planner").click()
    page.get_by_role("button", name="See as this role").click()
    page.goto(f"/orders/{order.pk}/")

    expect(page.get_by_text("Nothing can be changed.")).to_be_visible()
    expect(page.get_by_text(MASK)).to_be_visible()
    assert page.locator(".so-personal summary").count() == 0
    assert violations(page) == []

    page.get_by_role("button", name="Be yourself again").click()
    expect(page.get_by_text("Nothing can be changed.")).to_have_count(0)
