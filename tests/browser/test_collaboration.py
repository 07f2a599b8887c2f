"""People at one record in a real browser: named with the keyboard, told by a screen reader, a value set back."""

import io

import pytest
from PIL import Image

from products.channels import services as channels
from products.channels.models import Channel
from shopops.collaboration.models import Attachment, Comment, Follow, Pin
from shopops.history.actor import SYSTEM, acting
from shopops.history.versions import version_of
from tests.factories.orders import make_channel, make_order

pytestmark = pytest.mark.django_db(transaction=True)


def photo():
    out = io.BytesIO()
    Image.new("RGB", (900, 600), (120, 60, 20)).save(out, "JPEG")
    return {"name": "parcel.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_colleague_is_named_with_the_keyboard_and_sees_the_photo(login, make_user, accessible, phone):
    order = make_order()
    make_user("service_agent", username="li.na", full_name="李娜")
    page = login("planner", phone=phone)
    page.goto(f"/orders/{order.pk}/")

    page.get_by_role("textbox", name="Comment").press_sequentially("Please ask @li")
    page.get_by_role("option", name="李娜 @li.na").wait_for()
    accessible(page)
    page.keyboard.press("Enter")
    page.set_input_files("#comment-files", [photo()])
    page.get_by_role("button", name="Write").click()

    page.get_by_role("listitem").filter(has_text="Please ask @李娜").wait_for()
    assert Comment.objects.get().text == "Please ask @li.na"
    accessible(page)
    page.get_by_role("link", name="parcel.jpg").first.click()
    page.get_by_role("dialog", name="parcel.jpg").get_by_role("img").wait_for()
    page.wait_for_function("document.querySelector('dialog.so-picture img').naturalWidth === 900")
    accessible(page)
    page.get_by_role("button", name="Close").click()
    page.get_by_role("dialog", name="parcel.jpg").wait_for(state="detached")
    assert Attachment.objects.get().width == 900


def test_what_is_refused_is_said_in_place_and_nothing_typed_is_lost(login):
    order, page = make_order(), login("planner")
    page.goto(f"/orders/{order.pk}/")

    page.get_by_role("textbox", name="Comment").fill("Look at this")
    page.set_input_files("#comment-files", [{"name": "x.png", "mimeType": "image/png", "buffer": b"<svg/>"}])
    page.get_by_role("button", name="Write").click()

    page.get_by_role("alert").filter(has_text="x.png").wait_for()
    assert page.get_by_role("textbox", name="Comment").input_value() == "Look at this"
    assert not Comment.objects.exists()


def test_words_are_changed_and_taken_away_in_place(login):
    order, page = make_order(), login("planner")
    page.goto(f"/orders/{order.pk}/")
    page.get_by_role("textbox", name="Comment").fill("Frist")
    page.get_by_role("button", name="Write").click()

    page.locator(".so-comment").get_by_role("link", name="Change").click()
    page.locator("#comment-edit").fill("First")
    page.get_by_role("button", name="Save").click()
    page.locator(".so-comment-text", has_text="First").wait_for()
    page.locator(".so-comment").get_by_role("button", name="Take away").click()

    page.get_by_text("Comment taken away by").wait_for()
    assert Comment.objects.get().removed_by == page.user


def test_following_and_pinning_say_whether_they_are_on(login):
    channel, page = make_channel("c1"), login("planner")
    page.goto(f"/channels/{channel.pk}/")

    for name in ("Follow", "Pin"):
        page.get_by_role("button", name=name, pressed=False).click()
        page.get_by_role("button", name=name, pressed=True).wait_for()

    assert (Follow.objects.count(), Pin.objects.count()) == (1, 1)
    page.goto("/records/mine/")
    page.get_by_role("link", name=channel.title).first.click()
    page.get_by_role("button", name="Pin", pressed=True).click()
    page.get_by_role("button", name="Pin", pressed=False).wait_for()
    assert Pin.objects.count() == 0


def test_a_screen_reader_hears_who_changed_what_from_which_value_to_which(login, make_user, accessible):
    channel, zhou = make_channel("c1", ship_hours=48), make_user("planner", username="zhou", full_name="周宁")
    channels.change(channel.pk, version=version_of(channel), by=zhou, ship_hours=24)
    page = login("manager")
    page.goto(f"/channels/{channel.pk}/")

    heard = page.get_by_role("list", name="History, newest first").aria_snapshot()

    # The order it is heard in: what, when, the field with both values, who; the way back names the value it gives.
    words = ["channel changed", "hours to ship after payment", "from", "48", "to", "24", "By 周宁"]
    places = [heard.index(word) for word in ("channel changed", "48", "24", "周宁")]
    assert places == sorted(places), heard
    assert [word for word in words if word not in heard] == [], heard
    assert 'button "Set hours to ship after payment to 48 again"' in heard
    accessible(page)


def test_who_set_a_field_is_told_beside_it_and_the_former_value_set_again(login, make_user, accessible):
    channel, zhou = make_channel("c1", ship_hours=48), make_user("planner", username="zhou", full_name="周宁")
    channels.change(channel.pk, version=version_of(channel), by=zhou, ship_hours=24)
    page = login("manager")
    page.goto(f"/channels/{channel.pk}/")

    asked = page.get_by_role("link", name="Who set “Hours to ship after payment”")
    asked.focus()
    page.keyboard.press("Enter")
    said = page.locator(".so-set-by-said")
    said.get_by_text("周宁").wait_for()
    accessible(page)
    page.keyboard.press("Escape")
    said.wait_for(state="detached")
    asked.click()
    said.get_by_role("button", name="Set hours to ship after payment to 48 again").click()

    page.get_by_text("hours to ship after payment is what it was before.").wait_for()
    assert Channel.objects.get(pk=channel.pk).ship_hours == 48


def test_older_entries_join_the_page(login):
    channel = make_channel("c1")
    for number in range(30):
        with acting(SYSTEM):
            Channel.objects.filter(pk=channel.pk).update(title=f"T-{number:02}")
    page = login("planner")
    page.goto(f"/channels/{channel.pk}/")

    page.get_by_role("link", name="Show older").click()

    page.get_by_text("channel added").wait_for()
    assert page.locator(".so-timeline > li").count() == 31


def test_the_search_over_all_changes_leads_to_the_record(login, make_user, accessible):
    channel, zhou = make_channel("c1", ship_hours=48), make_user("planner", username="zhou", full_name="周宁")
    channels.change(channel.pk, version=version_of(channel), by=zhou, ship_hours=24)
    page = login("manager")

    page.goto("/history/?op=update&table=products_channel")
    accessible(page)
    page.get_by_role("row").filter(has_text="周宁").get_by_role("link", name=channel.title).click()

    page.wait_for_url(f"**/channels/{channel.pk}/")
