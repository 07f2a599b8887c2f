"""How far roles reach is set on the person's page; people are seen as far as the role reaches."""

import pytest
from django.urls import reverse

from shopops.access.scopes import Scope, channels_of, owned, scope_of
from shopops.accounts import person_changes, reach, reach_changes, services
from shopops.accounts.models import Department, User, UserRole
from shopops.accounts.reach import Reach
from shopops.approvals import services as approvals
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.history.versions import version_of
from tests.factories.orders import make_channel

pytestmark = pytest.mark.django_db


def fresh(user):
    return User.objects.with_permissions().get(pk=user.pk)


def held(user, code):
    return UserRole.objects.get(user=user, role__code=code)


def test_the_page_sets_team_scope_and_channels(client_of, make_user):
    shop, person = make_channel("a"), make_user("planner")
    pk = held(person, "planner").pk
    seen = reach.stamp(person, person.userrole_set.all())
    form = {"seen": seen, "team": "north", f"scope-{pk}": "team", f"limited-{pk}": "1", f"channels-{pk}": [shop.pk]}

    answer = client_of("administrator").post(reverse("accounts:person_reach", args=[person.pk]), form)

    person = fresh(person)
    assert answer.status_code == 302
    assert person.team == "north"
    assert (scope_of(person, "orders.view"), channels_of(person, "orders.view")) == (Scope.TEAM, frozenset({shop.pk}))
    assert (
        "A" in client_of("administrator", "manager").get(reverse("accounts:person", args=[person.pk])).content.decode()
    )


def test_what_is_wider_waits_for_a_second_person_and_what_is_narrower_holds_at_once(client_of, make_user):
    a, b = make_channel("a"), make_channel("b")
    person = make_user("planner", "analyst", username="person", team="north")
    first, second = held(person, "planner"), held(person, "analyst")
    with acting(SYSTEM):
        UserRole.objects.filter(pk=first.pk).update(channels=[a.pk], scope="team")
    administrator, manager = client_of("administrator"), make_user("manager")

    asked = reach_changes.ask_for(
        person.pk,
        team="south",  # whose rows it shows then
        reaches={first.pk: Reach(Scope.OWN, frozenset({b.pk})), second.pk: Reach(Scope.OWN)},
        by=administrator.user,
    )

    first, second, person = held(person, "planner"), held(person, "analyst"), fresh(person)
    assert (first.channels, first.scope, second.scope, person.team) == ([], "own", "own", "south")
    page = administrator.get(reverse("accounts:person", args=[person.pk])).content.decode()
    assert reverse("approvals:approval", args=[asked.pk]) in page
    approvals.decide(asked.pk, approve=True, by=manager)
    assert (held(person, "planner").channels, held(person, "planner").scope) == ([b.pk], "own")


@pytest.mark.parametrize(
    ("before", "team", "after"),
    [
        ((Scope.OWN, []), "north", (Scope.ALL, [])),
        ((Scope.OWN, []), "north", (Scope.TEAM, [])),
        ((Scope.TEAM, []), "south", (Scope.TEAM, [])),
        ((Scope.TEAM, []), "south", (Scope.DEPARTMENT, [])),
        ((Scope.ALL, []), "north", (Scope.ALL, None)),
    ],
)
def test_every_widening_waits(make_user, before, team, after):
    person, by = make_user("planner", team="north"), make_user("administrator")
    make_user("manager")
    row = held(person, "planner")
    with acting(SYSTEM):
        UserRole.objects.filter(pk=row.pk).update(scope=before[0], channels=before[1])
    channels = None if after[1] is None else frozenset(after[1])

    asked = reach_changes.ask_for(person.pk, team=team, reaches={row.pk: Reach(after[0], channels)}, by=by)

    row, person = held(person, "planner"), fresh(person)
    assert (asked.state, row.scope, row.channels, person.team) == ("open", before[0], before[1], "north")


def test_another_department_waits_for_who_sees_its_rows_only(make_user):
    by, hr = make_user("administrator"), Department.objects.get(code="hr")
    make_user("manager")
    limited, other = make_user("planner"), make_user("planner", username="other")
    with acting(SYSTEM):
        UserRole.objects.filter(user=limited).update(scope="department")

    asked = [_moved(person, hr, by) for person in (limited, other)]

    assert [len(each) for each in asked] == [1, 0]
    assert (fresh(limited).department, fresh(other).department) == (None, hr)
    approvals.decide(asked[0][0].pk, approve=True, by=User.objects.get(username="manager"))
    assert fresh(limited).department == hr


def _moved(person, department, by):
    values = {"full_name": person.full_name, "email": "", "is_active": True, "roles": person.roles.all()}
    version = version_of(person, links=services.ROLES_OF)
    return person_changes.change(person.pk, department=department, version=version, by=by, **values)


def test_a_channel_that_is_not_there_is_refused(make_user):
    person, by = make_user("planner"), make_user("administrator")

    with pytest.raises(Refused):
        reach.set_reach(
            person.pk, team="", reaches={held(person, "planner").pk: Reach(channels=frozenset({999}))}, by=by
        )


def test_what_somebody_else_set_meanwhile_is_not_overwritten(client_of, make_user):
    person, administrator = make_user("planner"), client_of("administrator")
    row = held(person, "planner")
    form = {"seen": reach.stamp(person, [row]), "team": "", f"scope-{row.pk}": "own", f"limited-{row.pk}": ""}
    reach.set_reach(person.pk, team="north", reaches={}, by=make_user("administrator", username="other"))

    answer = administrator.post(reverse("accounts:person_reach", args=[person.pk]), form)

    assert answer.status_code == 422
    assert (fresh(person).team, held(person, "planner").scope) == ("north", "all")


def test_a_role_of_somebody_else_is_refused(make_user):
    person, other, by = make_user("planner"), make_user("analyst"), make_user("administrator")

    with pytest.raises(Refused):
        reach.set_reach(person.pk, team="", reaches={held(other, "analyst").pk: Reach(Scope.OWN)}, by=by)


def test_each_change_stands_in_the_history_and_nothing_else_does(make_user):
    person, by = make_user("planner"), make_user("administrator")
    row = held(person, "planner")

    reach.set_reach(person.pk, team="", reaches={row.pk: Reach(Scope.OWN)}, by=by)
    reach.set_reach(person.pk, team="", reaches={row.pk: Reach(Scope.OWN)}, by=by)

    change = Change.objects.get(table_name="shopops_userrole", row_id=row.pk, op="update")
    assert (change.actor, change.changes) == (by, {"scope": ["all", "own"]})


@pytest.fixture
def people(make_user):
    service, hr = Department.objects.get(code="service"), Department.objects.get(code="hr")
    return {
        name: make_user(username=name, department=department, team=team)
        for name, department, team in (
            ("near", service, "north"), ("far", service, "south"), ("away", hr, "north"), ("none", None, "")
        )
    }  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        ("all", {"near", "far", "away", "none", "me"}),
        ("department", {"near", "far", "me"}),
        ("team", {"near", "me"}),
        ("own", {"me"}),
    ],
)
def test_people_are_seen_as_far_as_the_role_reaches(make_user, people, scope, seen):
    me = make_user("hr_officer", username="me", department=Department.objects.get(code="service"), team="north")
    with acting(SYSTEM):
        UserRole.objects.filter(user=me).update(scope=scope)

    assert set(User.objects.visible_to(fresh(me)).values_list("username", flat=True)) >= seen
    assert (
        set(
            owned(User.objects.filter(username__in=[*people, "me"]), fresh(me), "accounts.view").values_list(
                "username", flat=True
            )
        )
        == seen
    )


def test_the_widest_of_several_roles_counts(make_user, people):
    me = make_user("hr_officer", "manager", username="me")
    with acting(SYSTEM):
        UserRole.objects.filter(user=me, role__code="hr_officer").update(scope="own")

    assert scope_of(fresh(me), "accounts.view") == Scope.ALL


def test_beyond_the_reach_a_person_does_not_exist(client_of, people):
    browser = client_of("hr_officer")
    with acting(SYSTEM):
        UserRole.objects.filter(user=browser.user).update(scope="own")

    assert browser.get(reverse("accounts:person", args=[people["near"].pk])).status_code == 404
    assert "near" not in browser.get(reverse("accounts:people")).content.decode()
