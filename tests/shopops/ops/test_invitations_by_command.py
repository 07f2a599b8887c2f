import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from shopops.accounts.models import User
from shopops.accounts.roles import ROLES
from shopops.errors import Refused
from shopops.ops.log_ins import one_per_role


def invite(capsys, *arguments):
    call_command("invite", *arguments)
    return capsys.readouterr().out.strip()


def test_an_invitation_makes_a_log_in_whose_link_opens(db, capsys, settings):
    said = invite(capsys, "li.wei@example.com", "--role", "manager", "--role", "analyst", "--name", "李伟")
    name, link = said.split(": ")

    user = User.objects.get(username="li.wei")
    assert (name, user.full_name, user.email) == ("li.wei", "李伟", "li.wei@example.com")
    assert set(user.roles.values_list("code", flat=True)) == {"manager", "analyst"}
    assert Client().get(link.removeprefix(settings.SITE_URL)).status_code == 200


def test_a_second_invitation_is_a_new_link_for_the_same_person(db, capsys):
    first = invite(capsys, "li.wei@example.com", "--role", "manager")

    assert invite(capsys, "LI.WEI@example.com").startswith("li.wei: ")
    assert first.startswith("li.wei: ")
    assert User.objects.filter(username="li.wei").count() == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["a@example.com"], "needs --role"),
        (["a@example.com", "--role", "emperor"], "Unknown role: emperor"),
    ],
)
def test_an_invitation_without_a_known_role_is_refused(db, arguments, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("invite", *arguments)
    assert not User.objects.filter(email="a@example.com").exists()


def test_an_invitation_needs_an_address(db):
    with pytest.raises(ValidationError):
        call_command("invite", "nobody", "--role", "manager")


def test_every_role_gets_a_log_in_that_opens(db):
    logins = one_per_role()

    assert [login["role"] for login in logins] == [code for code, _name, _department in ROLES]
    assert len({login["password"] for login in logins}) == len(ROLES)
    assert User.objects.get(username="manager").check_password(logins[0]["password"])


def test_a_public_store_gets_no_log_ins(db, settings):
    settings.SECURE = True

    with pytest.raises(Refused):
        one_per_role()
    assert not User.objects.exists()
