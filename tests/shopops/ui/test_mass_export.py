"""A file with many rows: asked for, agreed to by another person, fetched by who asked, for a day."""

from datetime import timedelta

import pytest

from shopops import clock
from shopops.approvals import services
from shopops.approvals.models import Approval
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def few(settings):
    """Five orders where three may be taken along alone."""
    settings.EXPORT_FREE_ROWS = 3
    channel = make_channel("tmall")
    for number in range(5):
        make_order(channel, number=f"A-{number}")


@pytest.fixture
def analyst(client_of, few):
    return client_of("analyst")


def ask(client, query="cols=number", **fields):
    given = {"path": "/orders/", "query": query, "kind": "csv", "reason": "Yearly audit"}
    return client.post("/ui/export/", given | fields)


def agreed(client, manager, **fields):
    ask(client, **fields)
    asked = Approval.objects.latest("pk")
    services.decide(asked.pk, approve=True, by=manager)
    return asked


def test_few_rows_are_taken_along_alone(analyst):
    answer = analyst.get("/orders/?export=csv&q=A-1")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_many_rows_are_answered_with_the_page_that_asks(analyst, kind):
    answer = analyst.get(f"/orders/?export={kind}&cols=number")

    assert answer.status_code == 403
    assert "A-1" not in answer.content.decode()
    assert 'name="kind" value="' + kind in answer.content.decode()


def test_who_asked_fetches_the_file_after_another_person_agreed(analyst, make_user):
    manager = make_user("manager")
    ask(analyst)
    asked = Approval.objects.get()
    before = analyst.get(f"/ui/export/{asked.pk}/")

    services.decide(asked.pk, approve=True, by=manager)
    page = analyst.get(f"/approvals/{asked.pk}/").content.decode()
    file = analyst.get(f"/ui/export/{asked.pk}/").getvalue().decode("utf-8-sig")

    assert before.status_code == 404
    assert f"/ui/export/{asked.pk}/" in page
    assert sorted(file.split()) == ["A-0", "A-1", "A-2", "A-3", "A-4", "Order"]


def test_nobody_else_fetches_it_not_even_who_agreed(analyst, client_of):
    manager = client_of("manager")
    asked = agreed(analyst, manager.user)

    assert manager.get(f"/ui/export/{asked.pk}/").status_code == 404
    assert f"/ui/export/{asked.pk}/" not in manager.get(f"/approvals/{asked.pk}/").content.decode()


def test_it_ends_after_a_day(analyst, make_user):
    asked = agreed(analyst, make_user("manager"))
    with acting(SYSTEM):
        Approval.objects.update(decided_at=clock.now() - timedelta(hours=24, seconds=1))

    assert analyst.get(f"/ui/export/{asked.pk}/").status_code == 404


def test_more_rows_than_agreed_to_never_leave(analyst, make_user):
    asked = agreed(analyst, make_user("manager"))
    make_order(make_channel("jd"), number="LATER")

    file = analyst.get(f"/ui/export/{asked.pk}/").getvalue().decode("utf-8-sig")

    assert len(file.split()) == 6


def test_who_lost_the_right_to_export_gets_nothing(analyst, make_user):
    asked = agreed(analyst, make_user("manager"))
    with acting(SYSTEM):
        analyst.user.roles.clear()

    assert analyst.get(f"/ui/export/{asked.pk}/").status_code == 403


def test_who_may_not_export_cannot_ask(client_of, few):
    assert ask(client_of("service_agent")).status_code == 403
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"reason": " "}, 422),
        ({"kind": "exe"}, 404),
        ({"path": "/nothing/"}, 404),
        ({"path": "/ui/me/"}, 404),
        ({"path": "//evil.example/"}, 404),
        ({"query": "no_such=1"}, 404),
        ({"path": "/jobs/"}, 403),
    ],
)
def test_half_or_foreign_wishes_are_refused(analyst, fields, status):
    assert ask(analyst, **fields).status_code == status
    assert not Approval.objects.exists()


def test_asked_twice_is_one_request(analyst):
    ask(analyst)
    ask(analyst)

    assert Approval.objects.count() == 1
