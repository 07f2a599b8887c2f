"""Two people at one order; a save undone; 900 orders changed in one act and taken back."""

import pytest

from analytics.quality.fingerprint import fingerprint
from products.orders.models import Order
from shopops import clock
from shopops.acts.models import Act
from shopops.history.actor import SYSTEM, acting
from shopops.jobs import services as jobs
from tests.factories.orders import make_channel, make_order

MANY = 900


@pytest.fixture
def order(transactional_db):
    return make_order(make_channel("tb"))


def write(page, order, note, flag=""):
    page.goto(f"/orders/{order.pk}/")
    page.keyboard.press("e")
    page.locator("textarea[name=note]").fill(note)
    if flag:
        page.locator("select[name=flag_own]").select_option(flag)


def save(page):
    page.locator("form[action$='/own/'] button[type=submit]").click()
    page.wait_for_load_state()


def test_two_people_write_on_one_order_and_the_second_chooses(order, login, accessible, fits):
    lin, wang = login("service_agent"), login("planner")
    write(lin, order, "Calls back on Friday", "red")
    write(wang, order, "Wants another colour", "blue")
    save(lin)
    save(wang)

    assert wang.get_by_role("alert").first.is_visible()
    accessible(wang)
    fits(wang)
    note = wang.get_by_role("group", name="store's note")
    assert note.get_by_text("Wants another colour").is_visible()
    note.get_by_text("Calls back on Friday").click()
    wang.get_by_role("group", name="store's flag").get_by_text("Follow up").click()
    wang.get_by_role("button", name="Save what I chose").click()
    wang.wait_for_load_state()

    order.refresh_from_db()
    assert (order.note, order.flag_own) == ("Calls back on Friday", "blue")


def test_a_save_is_undone_from_the_toast(order, login):
    agent = login("service_agent")
    write(agent, order, "A slip of the hand")
    save(agent)
    assert agent.locator(".so-own-note").inner_text() == "A slip of the hand"

    agent.locator("#toasts").get_by_role("button", name="Undo").click()
    agent.wait_for_load_state()

    assert agent.locator(".so-own-note").count() == 0
    order.refresh_from_db()
    assert order.note == ""


def test_900_orders_are_flagged_in_one_act_and_taken_back(order, login, accessible, fits):
    with acting(SYSTEM):
        Order.objects.bulk_create(
            Order(channel=order.channel, number=f"B{n:06d}", created_at=clock.now(), state="paid")
            for n in range(MANY - 1)
        )
    before = fingerprint()["all"]
    page = login("planner")
    page.goto("/orders/?size=100")
    page.locator("[data-so=pick-all]").check()
    page.locator("#bulk").get_by_role("button", name="Set the flag").click()
    page.wait_for_load_state()
    page.get_by_role("link", name=f"Take all {MANY}").click()
    page.wait_for_load_state()
    accessible(page)
    fits(page)
    page.get_by_label("Urgent").check()
    page.get_by_role("button", name=f"{MANY} rows").click()
    page.wait_for_load_state()

    act = Act.objects.get()
    assert page.url.endswith(f"/acts/{act.pk}/")
    assert jobs.perform(act.job_id) == "done"
    undo = page.get_by_role("button", name="Undo all of it")
    undo.wait_for()
    assert Order.objects.filter(flag_own="red").count() == MANY
    accessible(page)
    undo.click()
    page.wait_for_load_state()
    act.refresh_from_db()
    assert jobs.perform(act.undo_job_id) == "done"
    page.get_by_text("Everything is as it was before.").wait_for()

    assert fingerprint()["all"] == before
