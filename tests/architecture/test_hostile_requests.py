"""Every address takes hostile arguments without an error of ours (bad-input catalogue 3.5, by number)."""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from shopops import clock
from shopops.access.checks import patterns
from shopops.access.declare import declared
from shopops.accounts.models import User
from shopops.accounts.services import ROLES_OF
from shopops.history.versions import version_of
from shopops.ui.pages import ListPage
from tests.architecture.matrix import addresses, argument_names
from tests.architecture.test_role_matrix import arguments, world  # noqa: F401 - fixtures

HOSTILE = (
    "%",
    "_",
    "\\",
    "'\"><script>",
    "x" * 10_000,
    "[a-z]+(",
    "²",
    "٣",
    "１",
    "-1",
    "0",
    "9" * 30,
    "\u202e",
    "😀",
    "1 OR 1=1",
)
EVERY_PARAMETER = (
    "q",
    "tab",
    "cols",
    "size",
    "after",
    "before",
    "sort",
    "row",
    "from",
    "to",
    "day",
    "channel",
    "page",
    "export",
    "batch",
    "kind",
)
UNKNOWN = ("ordering=user__password", "user__password__startswith=a", "format=yaml", "id__in=1", "page_size=1000000")
OVERFLOW = (2**31, 2**63, 10**30)


@pytest.fixture
def everybody(make_user):
    """Clients of roles that together may open every page."""

    def client(role):
        browser = Client(headers={"accept-language": "en"}, raise_request_exception=False)
        browser.force_login(make_user(role), backend="shopops.accounts.backends.StaffBackend")
        return browser

    return [client(role) for role in ("manager", "administrator")]


def answers(clients, path, method="GET", **more):
    """Return the statuses of a request, asked by one person after the other until somebody is let in; taken back."""
    found = []
    for client in clients:
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        with transaction.atomic():
            point = transaction.savepoint()
            response = client.generic(method, path, **more)
            if response.streaming:
                b"".join(response.streaming_content)
            transaction.savepoint_rollback(point)
        client.cookies.load(cookies)
        found.append(response.status_code)
        if response.status_code != 403:
            break
    return found


def lists():
    for name, _path, pattern in patterns():
        page = getattr(pattern.callback, "view_class", None)
        if (
            isinstance(page, type)
            and issubclass(page, ListPage)
            and "get" in page.http_method_names
            and not argument_names(pattern)
        ):
            yield pytest.param(reverse(name), id=name)


def test_64_a_number_out_of_reach_or_in_other_digits_is_no_record(everybody):
    tried = 0
    for name, _path, pattern in patterns():
        if list(argument_names(pattern)) != ["pk"]:
            continue
        base = reverse(name, kwargs={"pk": 0})
        for number in ("１", "1%0a", "+1", "-1", "1_0", "1e0", *map(str, OVERFLOW)):
            path = base.replace("/0/", f"/{quote(number, safe='%')}/")
            assert set(answers(everybody, path)) <= {403, 404, 405}, path
            tried += 1
    assert tried > 100


def test_92_93_95_99_no_argument_of_an_address_is_an_error_of_ours(everybody, arguments):
    tried, wrong = 0, []
    for url in addresses(arguments):
        if not url.exists or url.name.startswith("account_"):
            continue
        queries = [urlencode(dict.fromkeys(EVERY_PARAMETER, value)) for value in ("%", "😀", "9" * 30, "-1")]
        queries += [
            "&".join(f"{name}=1&{name}=2&{name}[]=3" for name in EVERY_PARAMETER),
            "after=%ff%fe",
            "q[$ne]=1",
            *UNKNOWN,
        ]
        for query in queries:
            for status in answers(everybody[:1], f"{url.path}?{query}"):
                tried += 1
                if status >= 500:
                    wrong.append(f"{status} {url.path}?{query[:60]}")
    assert wrong == []
    assert tried > 300


@pytest.mark.parametrize("path", list(lists()))
def test_92_a_list_knows_its_own_filters_only(path, everybody):
    for query in UNKNOWN:
        assert 400 in answers(everybody, f"{path}?{query}"), query


@pytest.mark.parametrize("path", list(lists()))
def test_93_and_99_a_list_takes_every_text_literally(path, everybody):
    for text in HOSTILE:
        for name in ("q", "tab", "size", "after", "sort", "row", "cols"):
            found = answers(everybody, f"{path}?{urlencode({name: text})}")
            assert max(found) < 500, (name, text[:20])
    assert min(answers(everybody, f"{path}?size=1000000")) == 200


def test_93_a_search_for_a_sign_of_patterns_finds_that_sign_only(client_of):
    from tests.factories.orders import make_channel, make_order

    make_order(make_channel(), number="1000001")
    manager = client_of("manager")

    assert len(manager.get("/orders/?q=1000001").context["lines"]) == 1
    for text in ("%", "_", "1%", "10000_1", ".*"):
        assert manager.get("/orders/", {"q": text}).context["lines"] == [], text


def test_96_what_changes_something_is_asked_for_by_post_and_with_a_token(arguments, make_user):
    browser = Client(headers={"accept-language": "en"}, enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(
        make_user("manager", "administrator", "planner"), backend="shopops.accounts.backends.StaffBackend"
    )
    tried = 0
    for name, _path, pattern in patterns():
        wanted = declared(pattern.callback)
        if wanted is None or "POST" not in wanted.methods:
            continue
        given = {key: arguments(name, key)[0] for key in argument_names(pattern)}
        path = reverse(name, kwargs=given)
        tried += 1
        for headers in (
            {},
            {"HX-Request": "true"},
            {"HX-Request": "true", "HX-Boosted": "true"},
            {"X-Requested-With": "XMLHttpRequest"},
        ):
            assert set(answers([browser], path, "POST", headers=headers)) == {403}, (path, headers)
        if "GET" not in wanted.methods:
            for method in ("GET", "HEAD"):
                assert set(answers([browser], path, method)) == {405}, path
    assert tried > 15


def test_84_a_nul_in_any_form_is_a_bad_request(arguments, everybody, make_user):
    """Whatever the view does with the field: no column could hold it."""
    tried = 0
    for name, _path, pattern in patterns():
        wanted = declared(pattern.callback)
        if wanted is None or "POST" not in wanted.methods or name.startswith("api_"):
            continue
        path = reverse(name, kwargs={key: arguments(name, key)[0] for key in argument_names(pattern)})
        for body in ("words=a%00b&reason=other", "a%00b=1"):
            found = answers(everybody, path, "POST", data=body, content_type="application/x-www-form-urlencoded")
            assert set(found) <= {400, 403}, path
            assert 400 in found, path
            tried += 1
    assert tried > 80


def test_88_fields_that_nobody_offered_change_nothing(client_of, make_user):
    from shopops.accounts.models import Department

    person = make_user("marketer", username="lin")
    before = (
        User.objects.filter(pk=person.pk).values("username", "password", "is_demo", "created_at", "last_login").get()
    )
    form = {
        "full_name": "Lin Wei",
        "email": "",
        "department": Department.objects.get(code="marketing").pk,
        "roles": [role.pk for role in person.roles.all()],
        "is_active": "on",
        "version": version_of(person, links=ROLES_OF),
        "id": 1,
        "pk": 1,
        "username": "manager",
        "password": "x",
        "is_superuser": "on",
        "is_staff": "on",
        "is_demo": "on",
        "created_at": "2001-01-01",
        "last_login": datetime(2001, 1, 1, tzinfo=UTC).isoformat(),
        "permission_codes": "accounts.change",
    }

    assert client_of("administrator").post(f"/accounts/{person.pk}/change/", form).status_code == 302

    person.refresh_from_db()
    assert person.full_name == "Lin Wei"
    assert {name: getattr(person, name) for name in before} == before


@pytest.mark.parametrize("text", ["1_000", "1e5", "٣", "-5", "0", "1.005", "￥100", "1,000", "NaN"])
def test_49_to_53_a_plan_of_sales_is_typed_in_one_spelling(client_of, text):
    from products.sales.models import SalesPlan

    month = clock.today().replace(day=1)
    answer = client_of("manager").post(f"/sales/plans/{month.year}/{month.month}/", {"amount": text, "weights": ""})

    assert answer.status_code == 422
    assert not SalesPlan.objects.exists()


def test_49_full_width_digits_are_read_and_that_is_said(client_of):
    from products.sales.models import SalesPlan

    month = clock.today().replace(day=1)
    url = f"/sales/plans/{month.year}/{month.month}/"
    page = client_of("manager").post(url, {"amount": "１２０００", "weights": ""}, follow=True).content.decode()

    assert SalesPlan.objects.get().amount == 12000
    assert "Read as 12000." in page
