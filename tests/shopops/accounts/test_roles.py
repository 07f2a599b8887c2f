"""The pages of roles: what each may, by department; compared; changed by one person's asking and another's word."""

import pytest
from django.urls import reverse

from shopops.accounts import role_pages, role_permissions
from shopops.accounts.models import Role
from shopops.approvals import services
from shopops.approvals.models import Approval
from shopops.errors import Refused
from tests import roles

pytestmark = pytest.mark.django_db


def role(code):
    return Role.objects.get(code=code)


def page(client, name, *args, **query):
    return client.get(reverse(f"accounts:{name}", args=args), query).content.decode()


def test_the_list_tells_people_and_how_much_each_role_may(client_of):
    text = page(client_of("manager"), "roles")

    assert "Service agent" in text
    assert "Reveal phone numbers" in text


def test_a_role_s_page_groups_its_rights_by_department_in_words(client_of):
    text = page(client_of("manager"), "role", role("planner").pk)

    for words in ("Product planning", "See orders", "Sees", "Does", "Reveals"):
        assert words in text
    assert "Create, change and switch off log-ins" not in text


def test_every_permission_stands_in_one_group():
    codes = [line.permission.code for group in role_pages.groups() for line in group.lines]

    assert sorted(codes) == sorted(roles.known_permissions())
    assert role_pages.sort_of("personal.reveal") == role_pages.REVEALS
    assert role_pages.sort_of("orders.export") == role_pages.REVEALS
    assert role_pages.sort_of("orders.view") == role_pages.SEES
    assert role_pages.sort_of("orders.import") == role_pages.DOES


def test_comparing_shows_the_differences_first():
    both = role_pages.groups(role("planner").permissions, role("analyst").permissions)
    held = roles.permissions_of_roles()

    differing = {line.permission.code for group in role_pages.only(both, differing=True) for line in group.lines}
    shared = {line.permission.code for group in role_pages.only(both, differing=False) for line in group.lines}

    assert differing == held["planner"] ^ held["analyst"]
    assert shared == held["planner"] & held["analyst"]


def test_the_page_of_a_comparison_opens(client_of):
    text = page(client_of("owner"), "compare", a=role("planner").pk, b=role("analyst").pk)

    assert text.index("Where they differ") < text.index("What both may")


def test_a_change_is_asked_for_and_acts_once_somebody_else_agrees(client_of, make_user):
    administrator, manager, planner = client_of("administrator"), make_user("manager"), client_of("planner")
    wanted = [code for code in role("planner").permissions if code != "orders.import"]

    answer = administrator.post(
        reverse("accounts:change_role", args=[role("planner").pk]), {"codes": wanted, "reason": "too much"}
    )

    asked = Approval.objects.get()
    assert (answer.status_code, asked.kind, asked.state) == (302, "role_permissions", "open")
    assert planner.get("/orders/imports/new/").status_code == 200
    services.decide(asked.pk, approve=True, by=manager)
    assert planner.get("/orders/imports/new/").status_code == 403  # on the next request


def test_a_refused_change_changes_nothing(client_of, make_user):
    administrator, manager = client_of("administrator"), make_user("manager")
    before = role("planner").permissions

    administrator.post(reverse("accounts:change_role", args=[role("planner").pk]), {"codes": []})
    services.decide(Approval.objects.get().pk, approve=False, note="no", by=manager)

    assert role("planner").permissions == before


def test_rights_changed_meanwhile_make_the_request_void(make_user):
    administrator, manager = make_user("administrator"), make_user("manager")
    asked = role_permissions.ask_for(role("planner"), ["orders.view"], by=administrator)
    role_permissions.execute({"role": role("planner").pk, "after": ["sales.view"]}, asked_by=administrator, by=manager)

    services.decide(asked.pk, approve=True, by=manager)

    assert role("planner").permissions == ["sales.view"]
    assert Approval.objects.get().state == "failed"


def test_a_copy_begins_with_the_rights_of_the_other_once_agreed(client_of, make_user):
    administrator, manager = client_of("administrator"), make_user("manager")

    administrator.post(reverse("accounts:new_role"), {"name": "Night agent", "like": role("service_agent").pk})

    made = Role.objects.get(name="Night agent")
    assert (made.code, made.permissions) == ("night_agent", [])
    services.decide(Approval.objects.get().pk, approve=True, by=manager)
    assert set(role("night_agent").permissions) == roles.permissions_of_roles()["service_agent"]


def test_a_name_that_is_taken_is_refused(client_of):
    answer = client_of("administrator").post(reverse("accounts:new_role"), {"name": "Planner"})

    assert answer.status_code == 422
    assert Role.objects.filter(name="Planner").count() == 1


def test_the_administrator_cannot_lose_what_mends_roles(make_user):
    with pytest.raises(Refused):
        role_permissions.ask_for(role("administrator"), ["settings.change"], by=make_user("administrator"))


def test_an_unknown_permission_is_refused(make_user):
    with pytest.raises(Refused):
        role_permissions.ask_for(role("planner"), ["orders.everything"], by=make_user("administrator"))


@pytest.mark.parametrize("name", ["new_role", "change_role", "see_as"])
def test_who_looks_after_no_log_ins_changes_no_role(client_of, name):
    args = [] if name == "new_role" else [role("planner").pk]

    assert client_of("manager").post(reverse(f"accounts:{name}", args=args), {"codes": []}).status_code == 403
