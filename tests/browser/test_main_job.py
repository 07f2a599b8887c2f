"""The main job on a demo store: everybody finds their pages; the manager follows a figure to its orders."""

from decimal import Decimal

import pytest

from analytics.demo import services
from analytics.demo.story import Story, until
from products.orders.models import OrderLine
from shopops.accounts.roles import ROLES
from tests.browser.conftest import DESKTOP, PHONE

WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def demo(transactional_db):
    """A tiny demo store up to this hour."""
    services.create(Story(1, "tiny", until(None)))


def links_of(page):
    """Return the addresses of the navigation, each once, in order."""
    found = page.locator("nav a[href^='/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return list(dict.fromkeys(found))


def wrong_with(page, address):
    """Open an address and say what is wrong with it; empty where nothing is."""
    answer = page.goto(address)
    if answer.status != 200:
        return f"answers {answer.status}"
    if page.locator("h1").count() != 1:
        return f"has {page.locator('h1').count()} headings of the first level"
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        if (wide := page.evaluate(WIDTH)) > 0:
            return f"is {wide} px wider than {size['width']}"
    return ""


def test_everybody_has_a_home_and_every_page_of_the_navigation_opens(demo, login):
    faults, seen = [], set()
    for role, _name, _department in ROLES:
        page = login(role, language="zh-hans")
        page.goto("/")
        assert links_of(page), role
        for address in ["/", *(link for link in links_of(page) if link not in seen)]:
            seen.add(address)
            if said := wrong_with(page, address):
                faults.append(f"{role}: {address} {said}")
        page.context.close()

    assert not faults, "\n".join(faults)


def test_the_manager_follows_each_figure_of_the_dashboard_to_rows_that_add_up_to_it(demo, login):
    page = login("manager")
    page.goto("/?range=last30")
    figures = page.locator("[data-figure]").evaluate_all(
        "links => links.map(link => [link.dataset.figure, link.dataset.value, link.getAttribute('href')])"
    )
    assert figures

    differ = []
    for metric, value, address in figures:
        page.goto(address)
        if not value:  # a rate of nothing
            continue
        sums = page.locator("[data-sum]").evaluate_all("cells => cells.map(cell => cell.dataset.sum)")
        nothing = not sums and not Decimal(value)  # no rows, no sum: that is a figure of 0
        if not nothing and Decimal(value) not in [Decimal(text.split()[0]) for text in sums if text]:
            differ.append(f"{metric} {value}: {address} says {sums}")
    assert not differ, "\n".join(differ)


def test_from_the_list_of_orders_to_one_order_and_its_lines(demo, login):
    page = login("service_agent")
    page.goto("/orders/")

    link = page.locator("main tbody tr a[href^='/orders/']").first
    number = link.inner_text().strip()
    link.click()
    page.wait_for_url("**/orders/*/")

    assert page.locator("h1").inner_text().startswith(number)
    lines = OrderLine.objects.filter(order__number=number)
    assert [text.split("\n")[0] for text in page.locator("table.so-lines tbody tr").all_inner_texts()] == [
        line.title or line.item.title for line in lines.order_by("position")
    ]
