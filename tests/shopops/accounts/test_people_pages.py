"""The administrator's pages of people: made without a password, set by a one-time link."""

import re

import pytest
from django.urls import reverse

from shopops.accounts import invitations
from shopops.accounts.models import User
from shopops.accounts.services import ROLES_OF
from shopops.history.versions import version_of


def made(client, **fields):
    return client.post(reverse("accounts:new"), {"username": "lin", "full_name": "Lin", "roles": [], **fields})


def test_a_new_person_sets_the_password_by_a_link_that_works_once(client_of, client):
    page = made(client_of("administrator")).content.decode()
    link = re.search(r'value="http://[^/]+(/accounts/welcome/[^"]+)"', page)[1]

    weak = client.post(link, {"password": "short"})
    first = client.post(link, {"password": "four words about spring"})
    again = client.post(link, {"password": "another good sentence"})

    assert (weak.status_code, first.status_code, again.status_code) == (422, 302, 404)
    assert User.objects.get(username="lin").check_password("four words about spring")


def test_the_new_password_logs_in(client_of, client):
    made(client_of("administrator"))
    invitations.set_password(User.objects.get(username="lin"), "four words about spring")

    answer = client.post(reverse("account_login"), {"login": "lin", "password": "four words about spring"})

    assert answer.status_code == 302
    assert client.session["_auth_user_id"]


@pytest.mark.parametrize("name", ["Lin", "lin!", "", "a" * 65])
def test_a_doubtful_user_name_is_refused_or_made_plain(client_of, name):
    answer = made(client_of("administrator"), username=name)

    assert answer.status_code == (200 if name == "Lin" else 422)
    assert list(User.objects.filter(full_name="Lin").values_list("username", flat=True)) == (
        ["lin"] if name == "Lin" else []
    )


def test_a_taken_name_is_told_at_the_form(client_of):
    administrator = client_of("administrator")
    made(administrator)

    answer = made(administrator, full_name="Other")

    assert answer.status_code == 422
    assert "already exists" in answer.content.decode()
    assert not User.objects.filter(full_name="Other").exists()


def test_switching_somebody_off_ends_their_access_at_the_next_request(client_of, make_user, django_user_model):
    administrator, analyst = client_of("administrator"), client_of("analyst")

    version = version_of(analyst.user, links=ROLES_OF)
    administrator.post(
        reverse("accounts:change", kwargs={"pk": analyst.user.pk}),
        {"full_name": "A", "roles": [], "email": "", "version": version},
    )

    assert analyst.get(reverse("ui:me")).status_code == 302


def test_those_who_only_see_people_cannot_change_them(client_of, make_user):
    officer, person = client_of("hr_officer"), make_user("analyst", username="somebody")

    answer = officer.post(reverse("accounts:change", kwargs={"pk": person.pk}), {"full_name": "X"})

    person.refresh_from_db()
    assert answer.status_code == 403
    assert person.full_name == "Somebody"


@pytest.mark.parametrize("uid", ["MQ", "%00", "x", "MQ==", "4pyT"])
def test_an_invented_link_leads_nowhere(db, client, uid):
    assert client.get(f"/accounts/welcome/{uid}/abc-123/").status_code == 404
