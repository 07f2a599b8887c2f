"""Channels as staff keep them: nobody's change is lost, what figures stand on stays."""

import pytest

from products.channels.models import Channel
from shopops import clock
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel

pytestmark = pytest.mark.django_db
FIELDS = {
    "title": "Shop",
    "platform": "site",
    "shop_names": "",
    "currency": "CNY",
    "time_zone": "Asia/Shanghai",
    "sells_daily": "on",
    "ship_hours": "48",
    "is_active": "on",
}


@pytest.fixture
def planner(client_of):
    return client_of("planner")


def read(client, channel):
    """What the form holds when it is opened."""
    form = client.get(f"/channels/{channel.pk}/change/").context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}


def test_saving_unchanged_changes_nothing(planner):
    channel = make_channel("a", shop_names=["One", "Two"], closed_weekdays=[6])
    before = Channel.objects.values().get(pk=channel.pk)

    assert planner.post(f"/channels/{channel.pk}/change/", read(planner, channel)).status_code == 302

    assert Channel.objects.values().get(pk=channel.pk) == before


def test_the_second_of_two_people_saving_is_told_and_overwrites_nothing(planner, client_of):
    channel = make_channel("a")
    mine = read(planner, channel)
    theirs = client_of("manager")
    theirs.post(f"/channels/{channel.pk}/change/", {**read(theirs, channel), "title": "Theirs"})

    response = planner.post(f"/channels/{channel.pk}/change/", {**mine, "title": "Mine"})

    assert response.status_code == 409
    assert "Theirs" in response.content.decode()
    channel.refresh_from_db()
    assert channel.title == "Theirs"


def test_the_one_told_may_save_on_top_once_they_have_seen_it(planner, client_of):
    channel = make_channel("a")
    mine = read(planner, channel)
    theirs = client_of("manager")
    theirs.post(f"/channels/{channel.pk}/change/", {**read(theirs, channel), "title": "Theirs"})
    told = planner.post(f"/channels/{channel.pk}/change/", {**mine, "title": "Mine"})

    planner.post(
        f"/channels/{channel.pk}/change/",
        {**mine, "title": "Mine", "keep-title": "mine", "version": told.context["conflict"].version},
    )

    channel.refresh_from_db()
    assert channel.title == "Mine"


@pytest.mark.parametrize(("field", "value"), [("currency", "USD"), ("platform", "jd")])
def test_what_orders_are_counted_by_stays_once_there_are_orders(planner, field, value):
    channel = make_channel("a", data_through=clock.now())

    response = planner.post(f"/channels/{channel.pk}/change/", {**read(planner, channel), field: value})

    assert response.status_code == 422
    channel.refresh_from_db()
    assert (channel.currency, channel.platform) == ("CNY", "site")


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "Mars/Olympus"), ("currency", "yuan"), ("ship_hours", "0"), ("code", "no blanks"), ("title", "")],
)
def test_impossible_values_are_refused_at_their_field(planner, field, value):
    response = planner.post("/channels/new/", {"code": "b", **FIELDS, field: value})

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Channel.objects.exists()


def test_a_code_is_taken_once(planner):
    make_channel("a")

    assert planner.post("/channels/new/", {"code": "a", **FIELDS}).status_code == 422
    assert planner.post("/channels/new/", {"code": "b", **FIELDS}).status_code == 302


@pytest.mark.parametrize(
    ("role", "sees", "changes"), [("planner", 200, 200), ("service_agent", 200, 403), ("designer", 403, 403)]
)
def test_channels_are_seen_by_many_and_changed_by_few(client_of, role, sees, changes):
    channel, client = make_channel("a"), client_of(role)

    assert client.get("/channels/").status_code == sees
    assert client.get(f"/channels/{channel.pk}/").status_code == sees
    assert client.get(f"/channels/{channel.pk}/change/").status_code == changes


def test_the_record_shows_who_changed_what(planner):
    channel = make_channel("a")
    with acting(SYSTEM):
        Channel.objects.filter(pk=channel.pk).update(ship_hours=72)

    page = planner.get(f"/channels/{channel.pk}/").content.decode()

    assert ">48</del>" in page
    assert ">72</ins>" in page
