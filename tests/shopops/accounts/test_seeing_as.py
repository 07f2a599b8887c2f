"""An administrator sees the pages as a role: nothing can be changed, nothing more is shown than they may see."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shopops.access import checks
from shopops.access.declare import SAFE_METHODS
from shopops.accounts import seeing
from shopops.accounts.models import Role, User, UserRole
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from tests.architecture import matrix
from tests.architecture.test_role_matrix import arguments, world  # noqa: F401 - fixtures
from tests.factories.orders import make_channel, make_order

pytestmark = pytest.mark.django_db


def see(client, code):
    return client.post(reverse("accounts:see_as", args=[Role.objects.get(code=code).pk]))


def test_the_pages_of_the_role_open_and_the_banner_leads_back(client_of):
    administrator, order = client_of("administrator"), make_order(make_channel())
    assert administrator.get("/orders/").status_code == 403

    see(administrator, "planner")
    page = administrator.get("/orders/")
    administrator.post(reverse("accounts:stop_seeing"))

    assert order.number in page.content.decode()
    assert "You see the pages as “Planner”" in page.content.decode()
    assert administrator.get("/orders/").status_code == 403


def test_pages_the_role_has_not_stay_closed(client_of):
    administrator = client_of("administrator")
    see(administrator, "designer")

    assert administrator.get("/orders/").status_code == 403
    assert administrator.get("/accounts/").status_code == 403


def test_every_request_that_could_change_something_is_refused(client_of, arguments):
    administrator, tried = client_of("administrator"), 0
    see(administrator, "manager")
    before = list(Change.objects.values_list("pk", flat=True))

    for url in matrix.addresses(arguments):
        if not url.exists or url.name in seeing.ALLOWED:
            continue
        for method in set(matrix.METHODS) - set(SAFE_METHODS):
            answer = matrix._tried(administrator, method, url.path, {})
            tried += 1
            assert answer.status_code in {401, 403, 404, 405} or "/login/" in answer.headers.get("Location", ""), (
                method,
                url.path,
            )
    assert tried > 200
    assert list(Change.objects.values_list("pk", flat=True)) == before


def test_begin_and_end_stand_in_the_history(client_of):
    administrator = client_of("administrator")

    see(administrator, "planner")
    administrator.post(reverse("accounts:stop_seeing"))

    rows = Change.objects.filter(op="see_as").order_by("pk")
    assert [(row.actor_id, row.table_name, row.changes["name"]) for row in rows] == [
        (administrator.user.pk, "shopops_role", "begun"),
        (administrator.user.pk, "shopops_role", "ended"),
    ]


def test_no_class_is_shown_that_the_administrator_may_not_see(client_of, rf):
    administrator = client_of("administrator")
    see(administrator, "manager")
    request = rf.get("/")
    request.session = administrator.session
    request.user = User.objects.with_permissions().get(pk=administrator.user.pk)

    seeing.apply(request)

    assert request.user.has_perm("orders.view")
    for code in ("personal.reveal", "cost.view", "pay.view", "orders.export", "accounts.see_as"):
        assert not request.user.has_perm(code), code


def test_words_of_buyers_and_files_are_not_shown(client_of):
    administrator, order = (
        client_of("administrator"),
        make_order(make_channel(), message="ring at the back door", memo="vip"),
    )
    see(administrator, "planner")

    page = administrator.get(f"/orders/{order.pk}/").content.decode()

    assert order.number in page
    assert "back door" not in page
    assert "back door" not in administrator.get("/orders/").content.decode()
    assert administrator.get("/orders/?export=csv").status_code == 403
    assert administrator.get("/catalogue/?export=csv").status_code in {403, 404}


@pytest.mark.parametrize("role", ["manager", "owner", "planner", "hr_officer"])
def test_only_administrators_see_as_a_role(client_of, role):
    assert see(client_of(role), "designer").status_code == 403


def test_who_loses_the_right_is_oneself_again(client_of):
    administrator = client_of("administrator")
    see(administrator, "planner")
    with acting(SYSTEM):
        UserRole.objects.filter(user=administrator.user).delete()

    assert administrator.get("/orders/").status_code == 403
    assert seeing.KEY not in administrator.session


def test_nobody_else_pays_for_it(client_of):
    manager = client_of("manager")

    with CaptureQueriesContext(connection) as asked:
        manager.get(reverse("metrics:dictionary"))

    assert not [row["sql"] for row in asked if row["sql"].startswith('SELECT "shopops_role"')]


def test_each_unsafe_url_allowed_while_seeing_exists():
    assert {name for name, _path, _pattern in checks.patterns()} >= seeing.ALLOWED
