"""Roles are asked for by one person and given by another; alone only where there is no other."""

import pytest
from django.urls import reverse

from shopops.accounts import role_changes
from shopops.accounts.models import Role, User
from shopops.accounts.services import ROLES_OF
from shopops.approvals import services
from shopops.approvals.models import Approval
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.history.versions import version_of

pytestmark = pytest.mark.django_db


def roles(*codes):
    return Role.objects.filter(code__in=codes)


def codes_of(user):
    return sorted(user.roles.values_list("code", flat=True))


def form(user, *codes, **fields):
    chosen = list(roles(*codes).values_list("pk", flat=True))
    version = version_of(user, links=ROLES_OF)  # as the page carries it
    return {"full_name": user.full_name, "email": "", "is_active": "on", "roles": chosen, "version": version} | fields


def test_the_form_asks_and_another_person_gives(client_of, make_user):
    administrator, manager, person = client_of("administrator"), make_user("manager"), make_user("designer")

    answer = administrator.post(reverse("accounts:change", args=[person.pk]), form(person, "analyst"))
    asked = Approval.objects.get()

    assert (answer.status_code, codes_of(person)) == (302, ["designer"])
    services.decide(asked.pk, approve=True, by=manager)
    assert codes_of(person) == ["analyst"]
    written = Change.objects.filter(table_name="shopops_userrole", source=f"approval:{asked.pk}")
    assert {change.actor for change in written} == {manager}


def test_other_fields_are_saved_at_once(client_of, make_user):
    administrator, person = client_of("administrator"), make_user("designer")
    make_user("manager")

    administrator.post(reverse("accounts:change", args=[person.pk]), form(person, "analyst", full_name="Renamed"))

    person.refresh_from_db()
    assert (person.full_name, codes_of(person)) == ("Renamed", ["designer"])


def test_saving_the_same_roles_asks_nothing(client_of, make_user):
    administrator, person = client_of("administrator"), make_user("designer")

    administrator.post(reverse("accounts:change", args=[person.pk]), form(person, "designer"))

    assert not Approval.objects.exists()


def test_a_second_request_for_the_same_person_is_refused_and_the_rest_not_saved(client_of, make_user):
    administrator, person = client_of("administrator"), make_user("designer")
    make_user("manager")
    address = reverse("accounts:change", args=[person.pk])
    administrator.post(address, form(person, "analyst"))

    answer = administrator.post(address, form(person, "planner", full_name="Renamed"))

    person.refresh_from_db()
    assert (answer.status_code, person.full_name, Approval.objects.count()) == (422, "Designer", 1)
    assert "waits for a decision" in answer.content.decode()


def test_a_store_with_one_administrator_and_no_manager_is_not_stuck(client_of, make_user):
    administrator, person = client_of("administrator"), make_user("designer")

    administrator.post(reverse("accounts:change", args=[person.pk]), form(person, "analyst"))

    asked = Approval.objects.get()
    assert (codes_of(person), asked.alone, asked.state) == (["analyst"], True, "executed")


def test_a_new_person_gets_no_roles_before_another_agrees(client_of, make_user):
    administrator, manager = client_of("administrator"), make_user("manager")
    chosen = list(roles("administrator").values_list("pk", flat=True))

    page = administrator.post(reverse("accounts:new"), {"username": "lin", "full_name": "Lin", "roles": chosen})

    person = User.objects.get(username="lin")
    assert "when another person has agreed" in page.content.decode()
    assert codes_of(person) == []
    services.decide(Approval.objects.get().pk, approve=True, by=manager)
    assert codes_of(person) == ["administrator"]


def test_the_change_is_told_in_words(make_user):
    administrator, person = make_user("administrator"), make_user("designer", full_name="Tang")
    make_user("manager")

    asked = role_changes.ask_for(person, roles("analyst"), by=administrator)

    assert asked.value == "Tang: + Analyst − Designer"
    lines = {label: (before, after) for label, before, after in asked.lines}
    assert lines["Roles"] == ("Designer", "Analyst")
    assert "See orders" in lines["May do newly"][1]


def test_roles_changed_meanwhile_make_the_request_void(make_user):
    administrator, manager, person = make_user("administrator"), make_user("manager"), make_user("designer")
    asked = role_changes.ask_for(person, roles("analyst"), by=administrator)
    with acting(SYSTEM):
        person.roles.add(roles("planner").get())

    services.decide(asked.pk, approve=True, by=manager)

    asked.refresh_from_db()
    assert (asked.state, codes_of(person)) == ("failed", ["designer", "planner"])


def test_the_last_administrator_stays_also_by_request(make_user):
    administrator, manager = make_user("administrator"), make_user("manager")
    asked = role_changes.ask_for(administrator, roles("analyst"), by=administrator)

    services.decide(asked.pk, approve=True, by=manager)

    asked.refresh_from_db()
    assert (asked.state, codes_of(administrator)) == ("failed", ["administrator"])
    assert "last active administrator" in asked.error


def test_alone_the_last_administrator_is_told_so(make_user):
    administrator = make_user("administrator")

    with pytest.raises(Refused, match="last active administrator"):
        role_changes.ask_for(administrator, roles("analyst"), by=administrator)

    assert not Approval.objects.exists()
