"""What is refused before a page is asked, and what every answer carries."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from shopops.access.middleware import RequestMiddleware
from shopops.accounts.models import User
from shopops.history.actor import SYSTEM, acting

POLICY = "frame-ancestors 'none'"


@pytest.mark.parametrize("address", ["/orders/?q=a%00b", "/?channel=%00", "/account/login/?next=%00"])
def test_a_nul_in_an_address_is_a_bad_request(client_of, address):
    assert client_of("manager").get(address).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(("size", "status"), [("1048576", 403), ("1048577", 413), ("99999999999999999999", 413)])
def test_without_a_session_a_body_is_read_to_the_limit_of_forms_only(size, status):
    """403: let through, and refused for its missing token."""
    browser = Client(enforce_csrf_checks=True)

    assert browser.post("/account/login/", {"login": "a"}, CONTENT_LENGTH=size).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/account/login/", "/orders/imports/new/", "/api/v1/orders/imports/"])
def test_an_invented_session_does_not_raise_the_limit(path, settings):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32

    assert browser.post(path, {"login": "a"}, CONTENT_LENGTH="1048577").status_code == 413
    assert browser.post(path, {"login": "a"}).status_code in (401, 403)


def test_neither_does_the_session_of_somebody_who_has_left(client_of):
    client = client_of("planner")

    def status():
        large = SimpleUploadedFile("a.csv", b"a" * 1_048_577)
        return client.post("/orders/imports/new/", {"other": large}).status_code

    assert status() == 422  # read, and no form that makes an import

    with acting(SYSTEM):
        User.objects.update(is_active=False)

    assert status() == 413


@pytest.mark.django_db
def test_the_limit_is_decided_before_anything_of_the_body_is_read():
    """The check of tokens reads the form: it must not come to that."""

    class Body(io.BytesIO):
        def read(self, *size):
            raise AssertionError("the body was read")

    answer = Client(enforce_csrf_checks=True).post(
        "/orders/imports/new/", {"a": "b"}, CONTENT_LENGTH="1048577", **{"wsgi.input": Body()}
    )

    assert answer.status_code == 413


def test_with_a_session_the_limit_is_that_of_uploads(client_of, settings):
    settings.REQUEST_MAX_BYTES = 2_000_000
    planner = client_of("planner")

    assert planner.post("/orders/imports/new/", {}, CONTENT_LENGTH="2000001").status_code == 413
    assert planner.post("/orders/imports/new/", {}).status_code == 422


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/livez", 200),
        ("/orders/?export=csv", 200),
        ("/nowhere", 404),
        ("/?q=%00", 400),
        ("/api/v1/figures/?from=x", 422),
        ("/accounts/new/", 403),
    ],
)
def test_every_answer_carries_the_policy_of_contents(client_of, address, status):
    answer = client_of("manager").get(address)

    assert answer.status_code == status
    assert POLICY in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_a_foreign_host_is_refused_under_the_same_policy():
    answer = Client().get("/account/login/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert POLICY in answer.headers["Content-Security-Policy"]


def test_files_are_given_out_behind_the_policy(settings):
    order = [name.rpartition(".")[2] for name in settings.MIDDLEWARE]

    assert order.index("CSPMiddleware") < order.index("WhiteNoiseMiddleware") < order.index(RequestMiddleware.__name__)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "\thttps://evil.example", "javascript:x()"]
)
def test_after_the_log_in_nobody_is_led_elsewhere(make_user, target):
    user = make_user("manager")
    user.set_password("a-long-and-strange-passphrase")
    with acting(SYSTEM):
        user.save()

    form = {"login": "manager", "password": "a-long-and-strange-passphrase", "next": target}
    answer = Client().post("/account/login/", form)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
