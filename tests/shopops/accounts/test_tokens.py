"""Personal API tokens: shown once, hashed, narrowed to scope and role, limited, revoked."""

import hashlib
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from shopops import clock
from shopops.accounts import tokens
from shopops.accounts.models import ApiToken, Role
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from tests import roles
from tests.architecture import matrix
from tests.architecture.test_role_matrix import CANARIES, arguments, world  # noqa: F401 - fixtures

FIGURES = "/api/v1/figures/?from=2026-03-01&to=2026-03-02"


@pytest.fixture
def made(make_user):
    """Return a function that makes somebody with a token: the person, the row, its text."""

    def make(*held, scopes=("sales.view",), days=7, **fields):
        user = make_user(*held, **fields)
        token, secret = tokens.create(user, name="job", scopes=scopes, expires_at=clock.now() + timedelta(days=days))
        return user, token, secret

    return make


def calling(secret, **extra):
    return Client(
        headers={"authorization": f"Bearer {secret}", "accept-language": "en"},
        enforce_csrf_checks=True,
        raise_request_exception=False,
        **extra,
    )


def test_a_token_calls_the_api_in_its_owners_name(made):
    _user, _token, secret = made("manager")

    assert calling(secret).get(FIGURES).status_code == 200


def test_it_needs_no_csrf_token_and_gives_no_session(made):
    _user, _token, secret = made("manager", scopes=["orders.import"])
    client = calling(secret)

    answer = client.post("/api/v1/orders/imports/", {"channel": "none"})

    assert answer.status_code == 400  # read, and refused for its content
    assert "Set-Cookie" not in answer.headers


def test_it_opens_no_page(made):
    _user, _token, secret = made("manager")

    assert calling(secret).get("/orders/").status_code == 302


def test_scope_and_role_must_both_allow(made):
    user, _token, secret = made("manager", scopes=["sales.view"])
    client = calling(secret)

    outside_scope = client.post("/api/v1/orders/imports/", {}).status_code
    with acting(SYSTEM):
        user.roles.set(Role.objects.filter(code="designer"))  # the scope is still the token's, the right is gone
    without_role = client.get(FIGURES).status_code

    assert (outside_scope, without_role) == (403, 403)


@pytest.mark.parametrize(
    ("held", "scopes"),
    [
        ("manager", ("sales.view",)),
        ("manager", ("orders.import", "sales.view")),
        ("analyst", ("orders.import",)),
        ("warehouse_clerk", ("orders.import", "orders.view")),
        ("owner", ("sales.view",)),
    ],
)
def test_the_matrix_of_urls_holds_for_tokens(made, arguments, held, scopes):
    """Every URL × method with a token: what docs/roles.md says for role and scope together, pages not at all."""
    _user, _token, secret = made(held, scopes=scopes, username="bearer")
    allowed = roles.permissions_of_roles()[held] & set(scopes)
    client = calling(secret)

    tally = matrix.walk(
        {"token": (client, allowed)}, arguments, canaries=CANARIES, only=lambda name: name.startswith("api_")
    )
    pages = matrix.walk({"token": (client, None)}, arguments, only=lambda name: name.startswith(("orders:", "ops:")))

    assert tally.unexpected == []
    assert tally.leaks == []
    assert [line for line in pages.unexpected if "refused" not in line] == []  # a form without its token is refused


@pytest.mark.parametrize("text", ["", "so_", "so_wrong", "wrong", "so_" + "x" * 1000, "so_\u00e9"])
@pytest.mark.django_db
def test_an_invented_token_is_refused(text):
    client = Client(raise_request_exception=False)
    answer = client.get(FIGURES, HTTP_AUTHORIZATION=f"Bearer {text}")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_wrong_token_is_not_helped_by_a_session(client_of):
    browser = client_of("manager")

    assert browser.get(FIGURES).status_code == 200
    assert browser.get(FIGURES, headers={"authorization": "Bearer so_wrong"}).status_code == 401


def test_revoked_expired_and_switched_off_end_at_once(made, standing):
    user, token, secret = made("manager", days=1)
    _other, _token, second = made("manager", username="second", days=1)
    worked = calling(secret).get(FIGURES).status_code
    tokens.revoke(user, by=user, pk=token.pk)
    revoked = calling(secret).get(FIGURES).status_code
    standing.pass_by(days=1)
    expired = calling(second).get(FIGURES).status_code
    gone, _token, third = made("manager", username="gone")
    with acting(SYSTEM):
        gone.is_active = False
        gone.save()

    assert worked == 200
    assert {revoked, expired, calling(third).get(FIGURES).status_code} == {401}


def test_only_the_hash_is_stored(made):
    _user, token, secret = made("manager")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM shopops_apitoken t")
        stored = cursor.fetchone()[0]
    history = " ".join(str(item.changes) for item in Change.objects.filter(table_name="shopops_apitoken"))

    assert bytes(ApiToken.objects.get().digest) == hashlib.sha256(secret.encode()).digest()
    assert secret not in stored
    assert "digest" not in history
    assert secret[8:] not in history
    assert len(secret) - len("so_") >= 22  # characters of base64: more than 128 bits
    assert secret.startswith(token.prefix)


def test_the_page_shows_it_once(client_of):
    browser = client_of("manager")
    page = reverse("accounts:tokens")

    form = browser.get(page)
    made = browser.post(page, {"name": "nightly", "days": "30", "scopes": ["orders.import"]})
    secret = made.content.decode().partition('value="so_')[2].partition('"')[0]
    again = browser.get(page).content.decode()

    assert form.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    assert calling(f"so_{secret}").get("/api/v1/orders/imports/1/").status_code == 404  # in, and no such job
    assert secret not in again
    assert "nightly" in again


@pytest.mark.parametrize(
    "change",
    [{"days": "366"}, {"days": "0"}, {"days": ""}, {"scopes": ["accounts.change"]}, {"scopes": []}, {"name": " "}],
)
def test_a_token_with_more_or_for_longer_than_allowed_is_refused(client_of, change):
    browser = client_of("manager")
    form = {"name": "nightly", "days": "30", "scopes": ["orders.import"]} | change

    answer = browser.post(reverse("accounts:tokens"), form)

    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_nobody_gives_a_token_what_they_have_not(make_user):
    designer = make_user("designer")

    with pytest.raises(Refused, match="your own permissions"):
        tokens.create(designer, name="t", scopes=["orders.import"], expires_at=clock.now() + timedelta(days=1))


def test_nobody_revokes_anothers(made, client_of):
    _user, token, secret = made("manager", username="owner")
    other = client_of("manager")

    assert other.post(reverse("accounts:revoke_token", kwargs={"pk": token.pk})).status_code == 404
    assert tokens.find(secret) is not None


def test_last_use_is_written_once_a_minute(made, standing, django_assert_num_queries):
    _user, token, secret = made("manager")
    client = calling(secret)
    client.get(FIGURES)
    first = ApiToken.objects.get(pk=token.pk).last_used_at
    standing.pass_by(seconds=30)
    client.get(FIGURES)
    second = ApiToken.objects.get(pk=token.pk).last_used_at
    standing.pass_by(seconds=31)
    client.get(FIGURES)

    assert first == second
    assert ApiToken.objects.get(pk=token.pk).last_used_at == standing.now
    assert not Change.objects.filter(table_name="shopops_apitoken", op="update").exists()


def test_each_token_has_its_own_pace(made, standing):
    _user, _token, secret = made("manager")
    _other, _token, second = made("manager", username="second")
    client = calling(secret)
    answers = [client.get(FIGURES).status_code for _time in range(121)]
    beside = calling(second).get(FIGURES).status_code
    standing.pass_by(minutes=1)

    assert answers == [200] * 120 + [429]
    assert beside == 200
    assert client.get(FIGURES).status_code == 200


def test_guessing_tokens_is_slowed_by_address(db, standing):
    answers = [calling(f"so_{number}").get(FIGURES).status_code for number in range(21)]

    assert answers == [401] * 20 + [429]


def test_a_token_never_counts_as_a_recent_log_in(made, rf):
    from shopops.accounts.recent import recently_authenticated

    user, token, _secret = made("manager")
    request = rf.get("/api/v1/figures/")
    request.user, request.api_token, request.session = user, token, {"since": clock.now().timestamp()}

    assert not recently_authenticated(request)
