"""What guards pages is taken away, one guard after the other, drawn by seed: each time a check turns red (promise P10).

Another draw: ``REMOVALS_SEED=7 make test ARGS=tests/architecture/test_removals.py``; every guard there is: ``REMOVALS_SEED=all``.
"""

import os
import random
from functools import partial
from importlib import import_module

import pytest

from products.sales import api, boards, views
from shopops.access import checks, declare, field_classes
from shopops.access.declare import PUBLIC, STAFF, Access
from shopops.ui.timeline import hidden_from
from tests import roles
from tests.architecture import matrix
from tests.architecture.test_field_classes import DECLARED, declared_now
from tests.architecture.test_role_matrix import actors, arguments, world  # noqa: F401 - fixtures
from tests.architecture.test_scopes import (  # noqa: F401 - fixtures
    ASKED,
    OF_NO_CHANNEL,
    _afternoon,
    _arguments,
    _echoed,
    leaks,
    limited,
    shops,
)

pytestmark = pytest.mark.django_db
SEED = os.environ.get("REMOVALS_SEED", "20260324")
DRAWN = 8


def declarations():
    """Every view that asks for a permission."""
    return [
        ("declaration", name)
        for name, (permission, _methods) in sorted(roles.urls().items())
        if permission not in (PUBLIC, STAFF)
    ]


VISIBLE = [
    "products.channels.queries.ChannelQuerySet", "products.orders.queries.OrderQuerySet",
    "products.refunds.queries.RefundQuerySet", "products.catalogue.queries.ItemQuerySet",
    "customers.identity.queries.CustomerQuerySet", "customers.identity.queries.IdentityQuerySet",
    "customers.value.queries.ValueQuerySet", "products.orders.imports", "products.sales.figures",
]  # fmt: skip


def population():
    return [*declarations(), *[("visible_to", name) for name in VISIBLE], *[("field", key) for key in sorted(DECLARED)]]


def drawn():
    """Some of each kind, which ones the seed says; all of them where it says so."""
    if SEED == "all":
        return population()
    chance, kinds = random.Random(int(SEED)), ("declaration", "visible_to", "field")
    every = {kind: [item for item in population() if item[0] == kind] for kind in kinds}
    found = [chance.choice(every[kind]) for kind in kinds]
    rest = [item for item in population() if item not in found]
    return [*found, *chance.sample(rest, DRAWN - len(found))]


def remove(monkeypatch, kind, what):
    if kind == "declaration":
        view = next(pattern.callback for name, _path, pattern in checks.patterns() if name == what)
        monkeypatch.setattr(view, "access", Access(STAFF, declare.declared(view).methods), raising=False)
    elif kind == "field":
        kept = {key: item for key, item in field_classes.classes().items() if key != what}
        monkeypatch.setattr(field_classes, "classes", lambda: kept)
    elif what == "products.sales.figures":
        for module in (api, boards, views):
            monkeypatch.setattr(module, "channels_of", lambda _user, _permission: None)
    elif what == "products.orders.imports":
        from shopops.exchange.models import ImportBatch

        for module in ("import_pages", "import_flow", "api", "panels"):
            monkeypatch.setattr(
                f"products.orders.{module}.imports_visible_to", lambda _user: ImportBatch.objects.filter(kind="orders")
            )
    else:
        module, _dot, name = what.rpartition(".")
        monkeypatch.setattr(getattr(import_module(module), name), "visible_to", lambda rows, _user: rows)


def red(kind, what, actors, arguments, limited, shops):
    """Return the checks that find something; with every guard in its place that is none."""
    if kind == "field":
        found = ["the list kept by hand"] if declared_now() != DECLARED else []
        return [*found, *(["histories show it"] if not hidden_from(None, *what) else [])]
    if kind == "declaration":
        few = {name: actors[name] for name in ("nobody", "designer", "marketer", "hr_officer", "manager")}
        return matrix.walk(few, arguments, only=lambda name: name == what).unexpected[:1]
    client = limited("manager")
    for letter in ("b", "a"):
        for url in matrix.addresses(partial(_arguments, records=shops[letter])):
            if not url.exists or url.name.partition(":")[0] in OF_NO_CHANNEL:
                continue
            for query in ASKED[:1] if letter == "b" else ASKED:
                answer = matrix._tried(client, "GET", f"{url.path}?{query}", {})
                if answer.status_code == 200 and (told := leaks(answer)) and not _echoed(told, query):
                    return [f"{url.path}?{query} tells {told[0]}"]
    return []


@pytest.mark.parametrize("number", range(len(drawn())))
def test_a_removed_guard_is_noticed(monkeypatch, actors, arguments, limited, shops, number, figures):
    kind, what = drawn()[number]

    remove(monkeypatch, kind, what)
    found = red(kind, what, actors, arguments, limited, shops)

    print(f"seed {SEED}: {kind} {what}: {'; '.join(found)}")
    figures("P10 removals", removed=1, caught=bool(found))
    assert found, (kind, what)


@pytest.mark.parametrize("kind", ["declaration", "visible_to", "field"])
def test_with_every_guard_in_its_place_nothing_is_found(actors, arguments, limited, shops, kind, figures):
    """The control: or a removal would be "caught" by what is always red."""
    what = next(name for item, name in drawn() if item == kind)

    found = red(kind, what, actors, arguments, limited, shops)

    figures("P10 removals", false_alarms=len(found))
    assert found == []
