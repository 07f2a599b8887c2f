"""A kind of request whose effect can be counted: it adds a day's note."""

from dataclasses import replace

import pytest

from shopops.access.declare import STAFF
from shopops.accounts.models import Department, User
from shopops.approvals import kinds as registry
from shopops.approvals.kinds import Kind
from shopops.errors import Refused

CODE = "tests.department"
EFFECTS = []  # what was executed, also by a process of its own through the table below


def execute(payload, *, asked_by, by):
    """Add a department: a row of a real table, so that what is rolled back is gone."""
    if payload.get("refuse"):
        raise Refused("The shelf is full.")
    Department.objects.create(code=payload["code"], name="Made by request")
    if payload.get("break"):
        raise ZeroDivisionError


def describe(payload):
    return [("Department", "–", payload["code"])]


def current(payload):
    return Department.objects.filter(code=payload["code"]).count()


KIND = Kind(CODE, "A new department", "orders.undo", execute, describe, User, days=2, current=current)


@pytest.fixture
def kind(monkeypatch):
    """Register the kind for this test; returns a function that changes it."""
    known = dict(registry.kinds())
    known[CODE] = KIND
    for module in ("kinds", "models", "services", "queries", "notifications", "views", "deciders"):
        monkeypatch.setattr(f"shopops.approvals.{module}.kinds", lambda: known)

    def change(**values):
        known[CODE] = replace(known[CODE], **values)
        return known[CODE]

    change.permission = KIND.permission
    change.open_to = STAFF
    return change


@pytest.fixture
def asker(make_user):
    return make_user("designer", username="asks")


@pytest.fixture
def decider(make_user):
    return make_user("manager", username="decides")


@pytest.fixture
def ask(kind, asker):
    """Return a function that asks for a department."""
    from shopops.approvals import services

    def make(code="new", *, by=asker, record=None, **more):
        return services.ask(CODE, record=record, payload={"code": code, "before": 0, **more}, value=code, by=by)

    return make
