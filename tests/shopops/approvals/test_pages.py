"""The pages of requests: what waits, the decision, a second click, who decides."""

import pytest

from shopops.accounts.models import Department
from shopops.approvals import services
from shopops.approvals.models import Approval, Decider
from tests.shopops.approvals.conftest import CODE

pytestmark = pytest.mark.django_db


def made():
    return Department.objects.filter(name="Made by request").count()


@pytest.fixture
def manager(client_of, ask):
    return client_of("manager")


@pytest.fixture
def asked(manager, ask):
    return ask("planning-2", by=manager.user.__class__.objects.get(username="asks"))


def decided(client, asked, decision="approve", **fields):
    return client.post(f"/approvals/{asked.pk}/decide/", {"decision": decision, **fields})


def test_what_waits_is_listed_and_counted_in_the_frame(manager, asked):
    page = manager.get("/approvals/")

    assert [line["row"] for line in page.context["lines"]] == [asked]
    lines = page.context["navigation"]["top"]
    assert [line["count"] for line in lines if line["code"] == "approvals-list"] == ["1"]
    assert "approvals-list" in [line["code"] for line in page.context["navigation"]["tabs"]]


def test_the_page_shows_before_and_after_and_the_button_says_what_happens(manager, asked, kind):
    kind(act="Approve and open the department")

    page = manager.get(f"/approvals/{asked.pk}/").content.decode()

    assert "planning-2" in page
    assert "Approve and open the department" in page


def test_a_second_click_does_nothing_more_and_says_the_same(manager, asked):
    answers = [decided(manager, asked, note="fine") for _click in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert made() == 1


def test_another_deciders_late_click_is_told(manager, client_of, asked):
    other = client_of("deputy")
    decided(manager, asked, "refuse")

    answer = decided(other, asked)

    assert answer.status_code == 422
    assert "no longer open" in answer.content.decode()
    assert made() == 0


@pytest.mark.parametrize("fields", [{}, {"decision": "maybe"}, {"decision": "approve", "note": "x" * 501}])
def test_half_a_decision_is_refused(manager, asked, fields):
    assert manager.post(f"/approvals/{asked.pk}/decide/", fields).status_code == 422
    assert Approval.objects.get(pk=asked.pk).state == "open"


def test_who_has_nothing_to_do_with_it_finds_nothing(client_of, asked):
    stranger = client_of("analyst")

    answers = [stranger.get(f"/approvals/{asked.pk}/"), decided(stranger, asked), stranger.get("/approvals/")]

    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert answers[2].context["lines"] == []
    assert made() == 0


def test_the_asker_sees_it_withdraws_it_and_cannot_decide(asked, client):
    client.force_login(asked.asked_by, backend="shopops.accounts.backends.StaffBackend")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    page = client.get(f"/approvals/{asked.pk}/").content.decode()
    decision = decided(client, asked)
    client.post(f"/approvals/{asked.pk}/withdraw/")

    assert "Withdraw the request" in page
    assert "/decide/" not in page
    assert decision.status_code == 422
    assert Approval.objects.get(pk=asked.pk).state == "withdrawn"


def test_what_changed_since_is_told_before_deciding(manager, ask, make_user):
    from shopops.history.actor import acting

    person = make_user("planner")
    asked = ask("x", record=person)
    with acting(manager.user):
        type(person).objects.filter(pk=person.pk).update(full_name="Renamed")

    page = manager.get(f"/approvals/{asked.pk}/").content.decode()

    assert "Changed since this was asked" in page
    assert "Renamed" in page


def test_a_void_request_is_said_to_be_void(manager, ask, asked):
    from shopops.history.actor import SYSTEM, acting

    with acting(SYSTEM):
        Department.objects.create(code="planning-2", name="Quicker")

    answer = decided(manager, asked)
    page = manager.get(answer["Location"]).content.decode()

    assert "void" in page
    assert made() == 0


def test_the_list_costs_the_same_whatever_its_length(manager, ask, django_assert_max_num_queries):
    for number in range(20):
        ask(f"d{number}")
    manager.get("/approvals/")

    with django_assert_max_num_queries(6):  # session, person, counts, rows, the frame's counts
        page = manager.get("/approvals/")

    assert len(page.context["lines"]) == 20


def test_who_decides_is_shown_with_a_warning_and_named_on_request(manager, client_of, make_user, kind):
    owner = make_user("owner", full_name="Owner Shen")
    page = manager.get("/approvals/deciders/").content.decode()
    assert "Fewer than two people may decide" in page

    answer = manager.post("/approvals/deciders/", {"kind": CODE, "people": [owner.pk]})

    assert answer.status_code == 302
    assert list(Decider.objects.values_list("kind", "user")) == [(CODE, owner.pk)]  # nobody else could agree
    assert Approval.objects.get(kind="approvals.deciders").alone


@pytest.mark.parametrize("fields", [{"kind": "no.such"}, {"kind": CODE, "people": [987654321]}, {}])
def test_naming_what_is_not_there_is_refused(manager, fields, kind):
    assert manager.post("/approvals/deciders/", fields).status_code == 422
    assert not Decider.objects.exists()


def test_the_roles_page_warns_where_nobody_is_a_second(client_of, kind):
    assert "Fewer than two people may decide" in client_of("administrator").get("/accounts/roles/").content.decode()


def test_a_request_of_a_kind_the_program_no_longer_knows_is_shown_and_not_decided(manager, asked):
    from shopops.history.actor import SYSTEM, acting

    with acting(SYSTEM):
        Approval.objects.filter(pk=asked.pk).update(kind="gone.kind", asked_by=manager.user)

    assert manager.get(f"/approvals/{asked.pk}/").status_code == 200
    with pytest.raises(services.Refused):
        services.decide(asked.pk, approve=True, by=manager.user)
