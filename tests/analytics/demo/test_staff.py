"""Everybody the store needs can log in: one person or more of every role."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from analytics.demo.staff import create_demo_staff
from analytics.reports.models import Report
from shopops.accounts.models import User
from shopops.accounts.roles import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def output():
    """What the command prints for another program."""
    out = StringIO()
    call_command("demo", "--size", "tiny", "--until", "2026-11-20", "--json", stdout=out)
    return json.loads(out.getvalue())


def test_every_role_has_a_log_in_that_works(output):
    logins = {login["role"]: login for login in output["logins"]}

    assert set(logins) == {code for code, _name, _department in ROLES}
    manager = User.objects.get(username=logins["manager"]["username"])
    assert manager.check_password(logins["manager"]["password"])
    assert list(manager.roles.values_list("code", flat=True)) == ["manager"]


def test_the_calendar_begins_with_the_reports_of_a_week(output):
    days = Report.objects.filter(state="made").order_by("day").values_list("day", flat=True)

    assert [day.isoformat() for day in days] == [f"2026-11-{day}" for day in range(14, 21)]
    assert output["counts"]["reports"] == 7
    call_command("demo", "--remove", stdout=StringIO())
    assert not Report.objects.exists()


def test_passwords_are_random_and_differ_by_person(output):
    passwords = [login["password"] for login in output["logins"]]

    assert len(set(passwords)) == len(passwords) >= 15
    assert min(map(len, passwords)) >= 12


def test_people_keep_their_password_unless_others_are_asked_for():
    first = {login.username: login.password for login in create_demo_staff()}

    again = create_demo_staff()
    fresh = {login.username: login.password for login in create_demo_staff(new_passwords=True)}

    assert {login.password for login in again} == {None}
    assert User.objects.filter(is_demo=True).count() == len(first)
    user = User.objects.get(username="manager")
    assert user.check_password(fresh["manager"])
    assert not user.check_password(first["manager"])


def test_somebody_who_has_the_name_already_is_left_alone(make_user):
    own = make_user("analyst", username="manager")

    logins = create_demo_staff()

    own.refresh_from_db()
    assert not own.has_usable_password()
    assert next(login.username for login in logins if login.role == "manager") == "demo-manager"


def test_removing_the_demo_keeps_the_log_ins(output):
    call_command("demo", "--remove", stdout=StringIO())

    assert User.objects.filter(is_demo=True).count() == len(output["logins"])
