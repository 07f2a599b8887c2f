"""What waits and what is new, in the browser: a decision on the phone, a notification without reload."""

import re

from django.test import override_settings
from playwright.sync_api import expect

from shopops.accounts import role_changes
from shopops.accounts.models import Role
from shopops.approvals.models import Approval
from shopops.history.models import Change
from shopops.notifications.models import Notification
from shopops.notifications.services import notify


def test_a_role_change_is_asked_on_the_desktop_and_approved_by_a_second_person_on_the_phone(
    login, make_user, accessible, fits
):
    manager, administrator = login("manager", phone=True, language="zh-hans"), login("administrator")
    person = make_user("designer", username="person", full_name="Tang")
    administrator.goto(f"/accounts/{person.pk}/")
    administrator.get_by_label("Analyst").check()
    administrator.get_by_role("button", name="Save").click()
    expect(administrator.locator("#toasts")).to_contain_text("when another person has agreed")
    expect(administrator.locator("main")).to_contain_text("A change waits for a decision: Roles of a person")
    assert list(person.roles.values_list("code", flat=True)) == ["designer"]

    manager.goto("/orders/")
    expect(manager.locator("#tab-approvals-list")).to_have_text("1")
    manager.locator(".so-tabbar").get_by_text("审批").click()
    expect(manager.locator(".so-cards li")).to_have_count(1)
    manager.locator(".so-cards a").click()
    approve = manager.get_by_role("button", name="同意并变更角色")
    expect(approve).to_be_in_viewport()
    assert approve.bounding_box()["height"] >= 44
    accessible(manager)
    fits(manager)
    manager.locator("#note").fill("可以")
    approve.click()

    expect(manager.locator("main")).to_contain_text("已同意并执行")
    expect(manager.locator("#tab-approvals-list")).to_be_empty()
    asked = Approval.objects.get()
    assert (asked.asked_by, asked.decided_by) == (administrator.user, manager.user)
    assert sorted(person.roles.values_list("code", flat=True)) == ["analyst", "designer"]
    assert Change.objects.filter(source=f"approval:{asked.pk}", actor=manager.user).exists()


def test_a_notification_and_a_request_arrive_without_a_reload(login, make_user, accessible):
    with override_settings(PULSE_SECONDS=1):
        page = login("manager")
        page.goto("/orders/")
        page.evaluate("document.body.dataset.kept = '1'")
        expect(page.locator("#bell-count")).to_be_empty()

        notify([page.user], "imports.refused", text_values={"file": "orders.csv"})
        role_changes.ask_for(make_user("designer"), Role.objects.filter(code="analyst"), by=make_user("administrator"))

        expect(page.locator("#bell-count")).to_contain_text("2 unread")
        expect(page.locator("#count-approvals-list")).to_have_text("1")
        page.locator("#bell summary").click()
        expect(page.locator("#bell-list")).to_contain_text("Refused, nothing of it is counted: orders.csv")
        accessible(page)
        notify([page.user], "imports.done", text_values={"file": "more.csv", "new": 1, "changed": 0})
        expect(page.locator("#bell-list")).to_contain_text("more.csv")
        assert page.evaluate("document.body.dataset.kept") == "1"

    page.locator("#bell-list button", has_text="Your decision is asked").click()
    expect(page).to_have_url(re.compile(r"/approvals/\d+/$"))
    assert Notification.objects.get(user=page.user, kind="approvals.asked").seen_at is not None


def test_a_page_nobody_looks_at_asks_nothing(login):
    with override_settings(PULSE_SECONDS=1):
        page = login("manager")
        asked = []
        page.on("request", lambda request: asked.append(request.url) if "/ui/pulse/" in request.url else None)
        page.goto("/ui/me/")
        with page.expect_response("**/ui/pulse/") as first:
            pass
        assert first.value.status == 304
        page.evaluate("Object.defineProperty(document, 'hidden', {get: () => window.away, configurable: true})")
        page.evaluate("window.away = true")
        asked.clear()
        # Two turns of the clock that would each have asked; then somebody looks again.
        page.evaluate(
            "new Promise(done => { let n = 0; const t = setInterval(() => ++n === 3 && (clearInterval(t), done()), 1000); })"
        )
        assert asked == []

        with page.expect_response("**/ui/pulse/"):
            page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")


def test_notifications_are_read_and_put_aside_on_the_phone(login, accessible, fits):
    page = login("warehouse_clerk", phone=True)
    notify([page.user], "orders.overdue", text_values={"channel": "Tmall", "code": "tmall", "orders": 3})
    notify([page.user], "imports.done", text_values={"file": "a.csv", "new": 1, "changed": 0})
    page.goto("/notifications/")
    expect(page.locator(".so-told > li")).to_have_count(2)
    accessible(page)
    fits(page)

    page.get_by_label(re.compile("Put aside: Tmall")).click()
    page.get_by_role("button", name="For an hour").click()
    expect(page.locator(".so-told > li")).to_have_count(1)
    page.get_by_role("button", name="Mark all as read").click()

    expect(page.locator("main")).to_contain_text("Nothing here")
    assert Notification.objects.filter(seen_at=None, snoozed_until__isnull=False).count() == 1
