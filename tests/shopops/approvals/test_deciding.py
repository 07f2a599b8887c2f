"""Ask, somebody else decides, done once: who may, who may not, and what is void."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from shopops import clock
from shopops.accounts.models import Department, Role, UserRole
from shopops.approvals import deciders, queries, services
from shopops.approvals.models import Approval, Decider
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.notifications.models import Notification
from tests.shopops.approvals.conftest import CODE

pytestmark = pytest.mark.django_db


def made():
    return Department.objects.filter(name="Made by request").count()


def state_of(asked):
    return Approval.objects.values_list("state", flat=True).get(pk=asked.pk)


def test_what_another_person_approves_is_done_in_their_name_and_the_asker_is_told(ask, asker, decider):
    asked = ask()
    assert made() == 0

    services.decide(asked.pk, approve=True, note="go", by=decider)

    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.note, made()) == ("executed", decider, "go", 1)
    change = Change.objects.get(table_name="shopops_department", source=f"approval:{asked.pk}")
    assert change.actor == decider
    assert Notification.objects.filter(user=asker, kind="approvals.decided").count() == 1


def test_what_is_refused_is_not_done(ask, decider):
    asked = ask()

    services.decide(asked.pk, approve=False, by=decider)

    assert (state_of(asked), made()) == ("refused", 0)


@pytest.mark.parametrize("who", ["asker", "decider"])
def test_nobody_decides_their_own_request_whatever_their_rights(ask, kind, make_user, who):
    boss = make_user("manager")
    make_user("manager", username="other")
    asked = ask(by=boss)

    with pytest.raises(services.NotYours, match="own request"):
        services.decide(asked.pk, approve=True, by=boss)

    assert (state_of(asked), made()) == ("open", 0)


def test_the_database_refuses_a_decision_by_the_asker(ask, asker):
    asked = ask()

    with pytest.raises(IntegrityError, match="approval_is_decided_by_another"), acting(SYSTEM):
        Approval.objects.filter(pk=asked.pk).update(state="executed", decided_by=asker)


def test_the_database_refuses_a_decision_by_nobody(ask):
    asked = ask()

    with pytest.raises(IntegrityError, match="approval_has_a_decider_once_decided"), acting(SYSTEM):
        Approval.objects.filter(pk=asked.pk).update(state="executed")


def test_who_lost_the_right_meanwhile_decides_nothing(ask, decider):
    asked = ask()
    assert decider.has_perm("orders.undo")  # as the request of the page knows them
    with acting(SYSTEM):
        decider.roles.clear()

    with pytest.raises(services.NotYours):
        services.decide(asked.pk, approve=True, by=decider)

    assert (state_of(asked), made()) == ("open", 0)


def test_somebody_switched_off_decides_nothing(ask, decider):
    asked = ask()
    with acting(SYSTEM):
        type(decider).objects.filter(pk=decider.pk).update(is_active=False)

    with pytest.raises(services.NotYours):
        services.decide(asked.pk, approve=True, by=decider)


def test_an_expired_request_cannot_be_decided_and_is_ended_by_the_sweeper(ask, asker, decider):
    asked = ask()
    with acting(SYSTEM):
        Approval.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    with pytest.raises(services.NotOpen, match="expired"):
        services.decide(asked.pk, approve=True, by=decider)
    ended = [services.expire_due(now=clock.now()) for _again in range(2)]

    assert (state_of(asked), made(), ended) == ("expired", 0, [1, 0])
    assert Notification.objects.filter(user=asker, kind="approvals.expired").count() == 1


@pytest.mark.parametrize("first", ["refused", "withdrawn"])
def test_what_was_decided_or_withdrawn_is_decided_no_more(ask, asker, decider, first):
    asked = ask()
    if first == "refused":
        services.decide(asked.pk, approve=False, by=decider)
    else:
        services.withdraw(asked.pk, by=asker)

    with pytest.raises(services.NotOpen):
        services.decide(asked.pk, approve=True, by=decider)

    assert (state_of(asked), made()) == (first, 0)


def test_only_who_asked_withdraws(ask, decider):
    asked = ask()

    with pytest.raises(services.NotYours):
        services.withdraw(asked.pk, by=decider)

    assert state_of(asked) == "open"


def test_a_request_is_void_when_things_are_no_longer_as_they_were(ask, decider):
    asked = ask()
    with acting(SYSTEM):
        Department.objects.create(code="new", name="Somebody was quicker")

    services.decide(asked.pk, approve=True, by=decider)

    asked.refresh_from_db()
    assert (asked.state, made()) == ("failed", 0)
    assert "changed since" in asked.error


def test_what_execution_refuses_is_void_and_leaves_nothing(ask, decider):
    asked = ask(refuse=True)

    services.decide(asked.pk, approve=True, by=decider)

    asked.refresh_from_db()
    assert (asked.state, asked.error, made()) == ("failed", "The shelf is full.", 0)


def test_a_mistake_in_execution_leaves_the_request_open_and_nothing_done(ask, decider):
    asked = ask(**{"break": True})

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.decide(asked.pk, approve=True, by=decider)

    assert (state_of(asked), made()) == ("open", 0)


def test_a_record_waits_for_one_decision_of_a_kind_at_a_time(ask, make_user):
    person = make_user("analyst")
    ask(record=person)

    with pytest.raises(services.AskedAlready):
        ask("other", record=person)

    assert Approval.objects.count() == 1


def test_without_a_second_person_it_is_done_at_once_where_the_kind_allows_and_listed_so(ask, kind, make_user):
    kind(alone=True)
    boss, owner = make_user("manager"), make_user("owner")

    asked = ask(by=boss)

    assert (asked.state, asked.alone, asked.decided_by, made()) == ("executed", True, None, 1)
    assert Notification.objects.filter(user=owner, kind="approvals.alone").count() == 1


def test_with_a_second_person_the_same_kind_waits(ask, kind, make_user):
    kind(alone=True)
    make_user("deputy")

    asked = ask(by=make_user("manager"))

    assert (asked.state, made()) == ("open", 0)


def test_where_a_kind_does_not_allow_it_nobody_decides_alone(ask, make_user):
    asked = ask(by=make_user("manager"))

    assert (asked.state, made()) == ("open", 0)


def test_a_kind_with_fewer_than_two_people_is_found_and_the_owner_can_be_the_second(ask, kind, make_user):
    boss = make_user("manager")
    assert queries.too_few(CODE)
    owner = make_user("owner")
    with acting(SYSTEM):
        Decider.objects.create(kind=CODE, user=owner)

    assert not queries.too_few(CODE)
    assert [item.people for item in queries.deciders() if item.kind.code == CODE] == [[boss, owner]]
    asked = ask(by=boss)
    assert list(Approval.objects.waiting_for(owner, clock.now())) == [asked]
    services.decide(asked.pk, approve=True, by=owner)
    assert made() == 1


def test_naming_who_decides_is_itself_decided_by_another_person(kind, make_user):
    boss, second, owner = make_user("manager"), make_user("administrator"), make_user("owner")

    asked = deciders.ask_for(CODE, [owner], by=boss)
    assert not Decider.objects.exists()
    services.decide(asked.pk, approve=True, by=second)

    assert list(Decider.objects.values_list("kind", "user")) == [(CODE, owner.pk)]


def test_a_request_is_seen_by_who_asked_and_who_may_decide_only(ask, asker, decider, make_user):
    asked = ask()

    seen = {user.username: list(Approval.objects.visible_to(user)) for user in (asker, decider, make_user("designer"))}

    assert seen == {"asks": [asked], "decides": [asked], "designer": []}
    assert list(Approval.objects.waiting_for(asker, clock.now())) == []


def test_a_request_about_a_record_waits_for_those_only_whose_role_reaches_it(ask, kind, make_user):
    kind(permission="accounts.decide")
    near, far = make_user("manager", username="near"), make_user("manager", username="far")
    with acting(SYSTEM):
        UserRole.objects.filter(user=far).update(scope="own")
    asked = ask(record=make_user("analyst"))

    waits = [list(Approval.objects.waiting_for(user, clock.now())) for user in (near, far)]
    with pytest.raises(services.NotYours):
        services.decide(asked.pk, approve=True, by=far)
    told = list(Notification.objects.filter(kind="approvals.asked").values_list("user", flat=True))

    assert (waits, list(Approval.objects.visible_to(far)), told) == ([[asked], []], [], [near.pk])
    with acting(SYSTEM):
        Decider.objects.create(kind=CODE, user=far)  # named by two people for every request of the kind
    services.decide(asked.pk, approve=True, by=far)
    assert made() == 1


def test_a_request_says_what_kind_of_record_it_is_about(ask, kind):
    """A kind that did not would be decided by people who may not see the record."""
    with pytest.raises(TypeError, match="about no Role"):
        ask(record=Role.objects.first())


def test_who_looks_after_rights_sees_what_was_decided_alone(ask, kind, make_user):
    kind(alone=True)
    asked = ask(by=make_user("manager"))

    assert list(Approval.objects.visible_to(make_user("owner"))) == [asked]
    assert list(Approval.objects.visible_to(make_user("analyst"))) == []


def test_once_decided_nobody_is_told_that_it_waits(ask, decider, make_user):
    other = make_user("deputy")
    asked = ask()
    assert Notification.objects.filter(kind="approvals.asked", seen_at=None).count() == 2

    services.decide(asked.pk, approve=False, by=decider)

    assert not Notification.objects.filter(kind="approvals.asked", user=other, seen_at=None).exists()


def test_the_count_of_what_waits_reads_its_partial_index(ask, decider):
    from django.db import connection

    asked = ask()
    with acting(SYSTEM):
        rows = [
            Approval(
                kind=CODE,
                state="executed",
                asked_by=asked.asked_by,
                decided_by=decider,
                asked_at=asked.asked_at,
                expires_at=asked.expires_at,
            )
            for _number in range(3000)
        ]
        Approval.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; ANALYZE shopops_approval; SET ROLE shopops_app")

    plan = Approval.objects.waiting_for(decider, clock.now()).explain()

    assert "approval_open" in plan
    assert Role.objects.exists()
