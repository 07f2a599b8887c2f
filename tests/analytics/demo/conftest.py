from datetime import date

import pytest
from django.db import connection, transaction

from analytics.demo import services
from analytics.demo.story import Story, until

DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def tiny(django_db_setup, django_db_blocker):
    """A tiny demo store up to the end of 20 November 2026, shared by a module's tests; gone afterwards."""
    story = Story(7, "tiny", until(DAY))
    with django_db_blocker.unblock(), transaction.atomic():
        services.create(story)
        yield story
        transaction.set_rollback(True)


@pytest.fixture
def ask(db):
    """Return a function that gives a query's rows."""

    def rows(statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    return rows
