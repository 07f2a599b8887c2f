from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.test import Client

from shopops.jobs.models import Outbox
from shopops.jobs.services import tick
from shopops.ops import health

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def problems(now=NOW):
    return {finding.name: finding.problem for finding in health.examine(now=now)}


def test_the_program_says_that_it_lives_without_asking_the_database(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/livez").status_code == 200


def test_the_program_is_ready_when_the_database_answers(db):
    assert Client().get("/readyz").status_code == 200


def test_the_program_is_not_ready_without_its_database(db, monkeypatch):
    def away():
        raise DatabaseError("gone")

    with monkeypatch.context() as patch:
        patch.setattr("shopops.ops.views.connection.cursor", away)
        answer = Client().get("/readyz")

    assert answer.status_code == 503


def test_a_silent_queue_is_named(db):
    for name in ("beat", "imports", "campaigns", "reports", "default"):
        tick(name, now=NOW)
    tick("reports", now=NOW - timedelta(minutes=4))

    assert problems()["workers and beat"] == "no sign of life for 3 minutes: reports"
    assert problems()["database"] == ""


def test_wake_up_calls_nobody_sends_are_counted(db):
    for minutes in (2, 4, 5):
        Outbox.objects.create(task="x", created_at=NOW - timedelta(minutes=minutes))

    assert problems()["wake-up calls"] == "2 not sent for 3 minutes"


def test_working_as_the_owner_is_a_fault(db, monkeypatch):
    monkeypatch.setattr(health, "APP_ROLE", "somebody_else")

    assert "somebody_else" in problems()["role"]


def test_the_doctor_ends_with_a_fault_where_there_is_one(db, capsys):
    with pytest.raises(CommandError):
        call_command("doctor")

    assert "FAIL workers and beat" in capsys.readouterr().out
