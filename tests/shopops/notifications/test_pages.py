"""The bell, the list and the settings: everybody's own; the poll costs one statement and answers 304."""

import pytest

from shopops.jobs.models import Job
from shopops.notifications.models import Notification, Preference, QuietHours
from shopops.notifications.services import notify
from tests.factories.orders import make_channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(client_of):
    browser = client_of("planner")
    notify(
        [browser.user],
        "imports.done",
        record=make_channel("a"),
        text_values={"file": "a.csv", "new": 3, "changed": 0},
    )
    browser.item = Notification.objects.get()
    return browser


def test_the_poll_answers_304_until_something_is_new(planner):
    first = planner.get("/ui/pulse/")
    again = planner.get("/ui/pulse/", headers={"if-none-match": first["ETag"]})
    notify([planner.user], "imports.refused")
    changed = planner.get("/ui/pulse/", headers={"if-none-match": first["ETag"]})

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again.content == b""
    assert "2 unread" in changed.content.decode()
    assert first["Cache-Control"] == "no-store"


def test_the_poll_speaks_of_a_change_of_language(planner):
    first = planner.get("/ui/pulse/")
    planner.post("/ui/language/", {"language": "zh-hans"})

    assert planner.get("/ui/pulse/", headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("rows", [1, 200])
def test_the_poll_costs_the_same_whatever_is_unread(planner, rows, django_assert_num_queries):
    for number in range(rows):
        notify([planner.user], "imports.done", record=Job(pk=1000 + number))
    planner.get("/ui/pulse/")

    with django_assert_num_queries(3):  # session, person, all counts
        planner.get("/ui/pulse/")


def test_the_list_costs_the_same_whatever_its_length(client_of, make_user, django_assert_max_num_queries):
    browser = client_of("administrator")
    for person in [make_user(username=f"p{number}") for number in range(30)]:
        notify([browser.user], "imports.done", record=person)
    browser.get("/notifications/")

    with django_assert_max_num_queries(6):  # session, person, rows, what they are about, the frame's counts
        page = browser.get("/notifications/")

    assert page.content.decode().count("so-told-line") == 30


def test_following_one_marks_it_as_read_and_a_look_at_the_list_does_not(planner):
    planner.get("/notifications/")
    planner.get("/notifications/newest/")
    assert Notification.objects.filter(seen_at=None).exists()

    answer = planner.post(f"/notifications/{planner.item.pk}/open/")

    assert answer["Location"] == f"/channels/{planner.item.row_id}/"
    assert not Notification.objects.filter(seen_at=None).exists()


@pytest.mark.parametrize("act", ["open", "read", "snooze"])
def test_somebody_elses_notification_does_not_exist(planner, client_of, act):
    answer = client_of("manager").post(f"/notifications/{planner.item.pk}/{act}/", {"until": "hour"})

    assert answer.status_code == 404
    planner.item.refresh_from_db()
    assert (planner.item.seen_at, planner.item.snoozed_until) == (None, None)


def test_all_are_marked_as_read_but_what_is_put_aside(planner):
    notify([planner.user], "imports.refused")
    aside = Notification.objects.get(kind="imports.refused")
    planner.post(f"/notifications/{aside.pk}/snooze/", {"until": "tomorrow"})

    planner.post("/notifications/read/")

    assert list(Notification.objects.filter(seen_at=None)) == [aside]


@pytest.mark.parametrize("query", ["tab=other", "after=x", "after=%00"])
def test_an_address_that_means_nothing_is_refused(planner, query):
    assert planner.get(f"/notifications/?{query}").status_code in {400, 404}


def test_a_choice_is_kept_with_its_history(planner):
    page = planner.get("/notifications/settings/")
    fields = {
        name: page.context["form"].get_initial_for_field(field, name)
        for name, field in page.context["form"].fields.items()
    }
    fields |= {"imports.done": "now", "quiet_from": "", "quiet_to": ""}

    answer = planner.post("/notifications/settings/", fields)

    assert answer.status_code == 302
    assert Preference.objects.get(user=planner.user, kind="imports.done").mail == "now"
    assert QuietHours.objects.get(user=planner.user).quiet_from is None


@pytest.mark.parametrize("change", [{"imports.done": "always"}, {"quiet_from": "22:00", "quiet_to": ""}])
def test_half_a_choice_is_refused_and_nothing_kept(planner, change):
    page = planner.get("/notifications/settings/")
    fields = {
        name: page.context["form"].get_initial_for_field(field, name)
        for name, field in page.context["form"].fields.items()
    }

    answer = planner.post("/notifications/settings/", fields | change)

    assert answer.status_code == 422
    assert not Preference.objects.exists()


def test_kinds_of_others_are_not_offered(planner, client_of):
    planners = planner.get("/notifications/settings/").content.decode()
    administrators = client_of("administrator").get("/notifications/settings/").content.decode()

    assert "A job failed" not in planners
    assert "A job failed" in administrators
