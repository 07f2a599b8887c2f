"""Comments on records: who may write, who is told, what stays of what was changed (ORG-0)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from shopops import clock
from shopops.collaboration import services, telling
from shopops.collaboration.models import Comment, Follow, Pin
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from tests.factories.comments import make_comment
from tests.factories.orders import make_channel, make_order

pytestmark = pytest.mark.django_db


def address(name, record, **more):
    return reverse(f"collaboration:{name}", kwargs={"table": record._meta.db_table, "pk": record.pk, **more})


@pytest.fixture
def told(monkeypatch):
    """What people were told, as (who, kind)."""
    found = []
    monkeypatch.setattr(
        telling, "_tell", lambda people, kind, _record, _by: found.extend((user.username, kind) for user in people)
    )
    return found


def test_a_comment_stands_on_its_record_and_its_writer_follows_it(client_of):
    order = make_order()
    client = client_of("planner")

    answer = client.post(address("write", order), {"text": "Call the buyer\r\nfirst"})

    assert answer.status_code == 302
    comment = Comment.objects.get()
    assert (comment.text, comment.created_by) == ("Call the buyer\nfirst", client.user)
    assert Follow.objects.get().user == client.user
    assert b"Call the buyer" in client.get(f"/orders/{order.pk}/").content


@pytest.mark.parametrize("role", ["hr_officer", "designer", "administrator"])
def test_who_may_not_see_a_record_finds_nothing_beside_it(client_of, make_user, role):
    comment = make_comment(order := make_order(), by=make_user("planner"), files=["a.pdf"])
    client, file = client_of(role), comment.files.get()

    gets = [
        address("timeline", order), address("people", order), address("field", order, column="state"),
        reverse("collaboration:file", args=[file.pk]), reverse("collaboration:comment_edit", args=[comment.pk]),
    ]  # fmt: skip
    posts = [
        address("write", order), address("follow", order), address("pin", order), address("restore", order),
        reverse("collaboration:comment_edit", args=[comment.pk]), reverse("collaboration:file_remove", args=[file.pk]),
        reverse("collaboration:comment_remove", args=[comment.pk]),
    ]  # fmt: skip

    assert {client.get(url).status_code for url in gets} == {404}
    assert {client.post(url, {"text": "x", "on": "1"}).status_code for url in posts} == {404}
    assert (Comment.objects.count(), Follow.objects.count(), Pin.objects.count()) == (1, 1, 0)


def test_people_named_are_told_where_they_may_see_the_record_and_the_writer_hears_of_the_others(
    client_of, make_user, told
):
    order = make_order()
    make_user("service_agent", username="li.na", full_name="李娜")
    make_user("designer", username="he.ping", full_name="何萍")
    client = client_of("planner")

    answer = client.post(
        address("write", order), {"text": "@li.na and @he.ping: look. @nobody.here"}, headers={"HX-Request": "true"}
    )

    assert told == [("li.na", telling.MENTIONED)]
    page = answer.content.decode()
    assert "何萍 may not see this record and was not told." in page
    assert '<span class="so-mention">@李娜</span>' in page
    assert "@nobody.here" in page


def test_followers_are_told_of_what_others_write_while_they_may_see_the_record(make_user, told):
    order, agent = make_order(), make_user("service_agent", username="agent")
    services.follow(order, on=True, by=agent)
    leaver = make_user("planner", username="leaver")
    services.follow(order, on=True, by=leaver)
    with acting(SYSTEM):
        leaver.roles.clear()

    make_comment(order, by=make_user("manager", username="boss"))

    assert [who for who, kind in told if kind == telling.WRITTEN and who != "boss"] == ["agent"]


def test_colleagues_are_offered_by_name_only_where_they_may_see_the_record(client_of, make_user):
    order = make_order()
    make_user("service_agent", username="li.na", full_name="李娜")
    make_user("designer", username="li.wei", full_name="李伟")

    page = client_of("planner").get(address("people", order), {"q": "李"}).content.decode()

    assert 'data-name="li.na"' in page
    assert "li.wei" not in page


@pytest.mark.parametrize("people", [3, 30])
def test_asking_who_may_see_a_record_costs_the_same_whatever_their_number(
    client_of, make_user, django_assert_num_queries, people
):
    order, client = make_order(), client_of("planner")
    for number in range(people):
        make_user("service_agent", username=f"li.{number}")
    client.get(address("people", order))

    with django_assert_num_queries(5):  # session, user, record, people with rights, one for all
        client.get(address("people", order), {"q": "li"})


def test_ones_own_words_are_changed_for_a_day_and_the_former_ones_stay(client_of, monkeypatch):
    order, client = make_order(), client_of("planner")
    comment = make_comment(order, "Frist", by=client.user)
    url = reverse("collaboration:comment_edit", args=[comment.pk])

    assert client.post(url, {"text": "First"}).status_code == 302
    comment.refresh_from_db()
    assert comment.text == "First"
    page = client.get(f"/orders/{order.pk}/").content.decode()
    assert "First" in page
    assert "Frist" in page  # below "changed"
    monkeypatch.setattr(clock, "now", lambda real=clock.now: real() + timedelta(hours=25))
    with pytest.raises(services.TooLate):
        services.edit(comment.pk, "Later", by=client.user)
    comment.refresh_from_db()
    assert comment.text == "First"


def test_words_of_others_are_neither_changed_nor_taken_away_without_the_right(client_of, make_user):
    order = make_order()
    comment = make_comment(order, "Mine", by=make_user("planner"))
    edit, remove = (reverse(f"collaboration:comment_{name}", args=[comment.pk]) for name in ("edit", "remove"))
    other, boss = client_of("service_agent"), client_of("manager")

    assert other.post(edit, {"text": "Yours"}).status_code == 422
    other.post(remove)
    assert boss.post(edit, {"text": "Ours"}).status_code == 422
    comment.refresh_from_db()
    assert (comment.text, comment.removed_at) == ("Mine", None)
    boss.post(remove)
    comment.refresh_from_db()
    assert (comment.text, comment.removed_by) == ("", boss.user)
    page = other.get(f"/orders/{order.pk}/").content.decode()
    assert "Mine" not in page
    assert f"Comment taken away by {boss.user}" in page


def test_what_was_taken_away_stays_in_the_history(make_user):
    planner = make_user("planner")
    comment = make_comment(make_order(), "Gone", by=planner)

    services.remove(comment.pk, by=planner)

    change = Change.objects.get(table_name="shopops_comment", op="update")
    assert change.changes["text"] == ["Gone", ""]
    assert change.actor == planner


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 422),
        ("   \n ", 422),
        ("x" * 4001, 422),
        ("a\0b", 400),  # refused for every form, before any view
        ("<script>alert(1)</script>", 200),
        ("店" * 4000, 200),
    ],
    ids=["empty", "blank", "too long", "NUL", "script", "longest"],
)
def test_what_is_typed_is_kept_as_text_or_refused_whole(client_of, text, status):
    order = make_order()

    answer = client_of("planner").post(address("write", order), {"text": text}, headers={"HX-Request": "true"})

    assert answer.status_code == status
    assert Comment.objects.count() == (status == 200)
    assert b"<script>alert" not in answer.content


def test_a_form_sent_twice_writes_once(client_of):
    order, client = make_order(), client_of("planner")

    for _attempt in range(2):
        client.post(address("write", order), {"text": "Once", "once": "token-of-this-form"})

    assert Comment.objects.count() == 1


def test_following_and_pinning_are_ones_own_and_can_be_repeated(client_of):
    order, channel = make_order(), make_channel("x1")
    client = client_of("planner")
    for record in (order, channel):
        for _attempt in range(2):
            client.post(address("pin", record), {"on": "1"})
            client.post(address("follow", record), {"on": "1"})

    page = client.get(reverse("collaboration:mine")).content.decode()

    assert (Pin.objects.count(), Follow.objects.count()) == (2, 2)
    assert page.count(f"/orders/{order.pk}/") == 2  # pinned and followed
    client.post(address("pin", order), {"on": "0"})
    assert Pin.objects.count() == 1
    assert str(order) not in client_of("manager").get(reverse("collaboration:mine")).content.decode()


def test_no_more_records_are_pinned_than_one_can_look_through(make_user, monkeypatch):
    planner = make_user("planner")
    monkeypatch.setattr(services, "PINS", 1)
    services.pin(make_order(), on=True, by=planner)

    with pytest.raises(Refused):
        services.pin(make_order(), on=True, by=planner)

    assert Pin.objects.count() == 1
