"""Tests run on real PostgreSQL as the role the program runs as; only set-up and flush are the owner's."""

import os

os.environ.setdefault("STATIC_MANIFEST", "0")

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.signals import connection_created
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

from shopops.history.guards import grant
from tests.figures import figures, of_reports

__all__ = ("figures",)  # a fixture of every test

# A busy machine is no finding: what is slow is measured by the benches.
hypothesis_settings.register_profile("shopops", deadline=None)
hypothesis_settings.load_profile("shopops")

_ready = False  # the test database is made
_flush = DatabaseOperations.execute_sql_flush


def _run_as_app(connection: object = None, **_kwargs: object) -> None:
    if _ready:
        with connection.cursor() as cursor:  # type: ignore[attr-defined]  # the signal says object
            cursor.execute("SET ROLE shopops_app")


def _flush_as_owner(self: DatabaseOperations, sql_list: list[str]) -> None:
    with self.connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        _flush(self, sql_list)
        cursor.execute("SET ROLE shopops_app")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what the proofs counted."""
    if lines := of_reports(report for found in terminalreporter.stats.values() for report in found):
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:  # noqa: PT004 - the name is pytest-django's
    global _ready  # noqa: PLW0603 - one flag of the whole run
    with django_db_blocker.unblock():
        grant(None)  # of the cache table, made after the migrations
    _ready = True
    connection_created.connect(_run_as_app, dispatch_uid="tests_role")
    DatabaseOperations.execute_sql_flush = _flush_as_owner
    connection.close()
    yield
    _ready = False
    connection_created.disconnect(dispatch_uid="tests_role")
    connection.close()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def make_user(db: None) -> Callable[..., object]:
    """Return a function that makes a log-in with the given roles."""
    from shopops.accounts.models import Role, User
    from shopops.history.actor import SYSTEM, acting

    def make(*roles: str, username: str = "", full_name: str = "", **fields: object) -> User:
        with acting(SYSTEM):
            name = username or "-".join(roles) or "nobody"
            user = User(username=name, full_name=full_name or name.title(), language="en", **fields)
            user.set_unusable_password()
            user.save()
            user.roles.set(Role.objects.filter(code__in=roles))
        return user

    return make


@pytest.fixture
def client_of(make_user: Callable[..., object]) -> Callable[..., Client]:
    """Return a function that gives a browser-like client logged in with the given roles."""

    def client(*roles: str) -> Client:
        browser = Client(headers={"accept-language": "en"})
        user = make_user(*roles)
        browser.force_login(user, backend="shopops.accounts.backends.StaffBackend")
        browser.user = user
        return browser

    return client
