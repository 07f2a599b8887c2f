"""Who may be changed how: there is always an administrator left."""

import threading

import pytest
from django.db import connection

from shopops.accounts import person_changes, services
from shopops.accounts.models import Role, User
from shopops.approvals import services as approvals
from shopops.errors import Refused
from shopops.history.actor import SYSTEM
from shopops.history.models import Change
from shopops.history.versions import Conflict, version_of


def changed(user, *, by, is_active=True):
    return services.change_user(
        user.pk,
        full_name=user.full_name,
        email="",
        department=None,
        roles=user.roles.all(),
        is_active=is_active,
        version=version_of(user, links=services.ROLES_OF),
        by=by,
    )


def test_the_last_administrator_stays(make_user):
    only = make_user("administrator")

    with pytest.raises(Refused, match="last active administrator"):
        services.set_roles(only.pk, [], by=SYSTEM)
    with pytest.raises(Refused, match="last active administrator"):
        changed(only, by=only, is_active=False)

    only.refresh_from_db()
    assert only.is_active
    assert only.roles.count() == 1


def test_nobody_switches_off_their_own_log_in(make_user):
    first, _second = make_user("administrator"), make_user("administrator", username="second")

    with pytest.raises(Refused, match="another administrator"):
        changed(first, by=first, is_active=False)

    first.refresh_from_db()
    assert first.is_active


def test_a_log_in_with_roles_is_switched_on_again_by_two(make_user):
    by, second = make_user("administrator"), make_user("manager", username="second")
    person, without = make_user("manager", is_active=False), make_user(username="without", is_active=False)

    asked = [again(user, by) for user in (person, without)]

    person.refresh_from_db()
    without.refresh_from_db()
    assert ([len(each) for each in asked], person.is_active, without.is_active) == ([1, 0], False, True)
    approvals.decide(asked[0][0].pk, approve=True, by=second)
    person.refresh_from_db()
    assert person.is_active


def again(user, by):
    values = {"full_name": user.full_name, "email": "", "department": None, "roles": user.roles.all()}
    version = version_of(user, links=services.ROLES_OF)
    return person_changes.change(user.pk, is_active=True, version=version, by=by, **values)


def test_saving_without_a_change_writes_no_history(make_user):
    person = make_user("analyst")
    before = Change.objects.count()

    changed(person, by=SYSTEM)
    services.set_roles(person.pk, ["analyst"], by=SYSTEM)

    assert Change.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_once(make_user):
    pair = [make_user("administrator"), make_user("administrator", username="second")]
    refusals, together = [], threading.Barrier(2)

    def remove(user, by):
        together.wait()
        try:
            services.set_roles(user.pk, [], by=by)
        except Refused as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=args) for args in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refusals) == 1
    assert User.objects.filter(roles__code="administrator").count() == 1


def test_who_saves_a_person_whose_roles_changed_meanwhile_is_told_by_whom(make_user):
    person, first, second = make_user("analyst"), make_user("administrator"), make_user("administrator", username="b")
    version = version_of(person, links=services.ROLES_OF)
    services.set_roles(person.pk, ["analyst", "planner"], by=first)
    values = {"full_name": "New", "email": "", "department": None, "is_active": True, "version": version}

    with pytest.raises(Conflict) as told:
        services.change_user(person.pk, roles=Role.objects.filter(code="analyst"), by=second, **values)

    (clash,) = told.value.clashes
    names = {role.code: str(role) for role in Role.objects.all()}
    assert (clash.field, clash.actor, clash.is_mine) == ("roles", first, False)
    assert (clash.before, clash.theirs) == ([names["analyst"]], sorted([names["analyst"], names["planner"]]))
    person.refresh_from_db()
    assert person.full_name == "Analyst"
