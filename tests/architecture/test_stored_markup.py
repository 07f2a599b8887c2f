"""Whatever outsiders or staff wrote stands on every page as text: no column's content is ever markup (promises 4.1)."""

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from tests.architecture import matrix
from tests.architecture.test_role_matrix import actors, arguments, world  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
MARKUP = "\"'><x-canary a={{7*7}}>"
RAW = "<x-canary"
# The program's own words: codes it looks up, addresses of files, keys. No text of anybody stands there.
OWN = frozenset(
    {
        "act", "box", "currency", "digest", "format", "format_version", "key", "kind", "language", "mail", "mapping",
        "model", "name_mask", "op", "order_kind", "password", "path", "phase", "platform", "queue", "request_id",
        "scope", "session_key", "source", "state", "table_name", "thumbnail", "time_zone", "url", "username", "way",
    }
)  # fmt: skip


def text_columns():
    for model in apps.get_models():
        if model._meta.app_label in {
            "shopops",
            "hr_finance",
            "products",
            "visual",
            "customers",
            "marketing",
            "analytics",
        }:
            for field in model._meta.concrete_fields:
                if (
                    isinstance(field, models.CharField | models.TextField)
                    and not field.choices
                    and field.name not in OWN
                ):
                    yield model._meta.db_table, field.column, field.max_length or 400, field.unique


def marked():
    """Write the markup into every text column of every row that takes it; return those that do."""
    taken = set()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for table, column, longest, unique in text_columns():
            if longest < len(MARKUP) + 6:
                continue
            tail = "ctid::text" if unique else "''"
            try:
                with transaction.atomic():
                    cursor.execute("SET LOCAL session_replication_role = replica")  # behind the history's back
                    cursor.execute(f'UPDATE "{table}" SET "{column}" = %s || {tail} WHERE true', [MARKUP])
                    if cursor.rowcount:
                        taken.add((table, column))
            except Exception:  # noqa: BLE001 - the table refuses it: a code, a check
                continue
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET ROLE shopops_app")
    return taken


def pages(actors, arguments):
    """Yield (address, page) of everything the manager and the administrator may open."""
    for name in ("manager", "administrator"):
        client = actors[name][0]
        for url in matrix.addresses(arguments):
            if url.exists:
                for headers in ({}, {"HX-Request": "true"}):
                    answer = matrix._tried(client, "GET", url.path, headers)
                    if answer.headers.get("Content-Type", "").startswith("text/html"):
                        yield f"{url.path} {answer.status_code}", matrix._text(answer)


def test_no_page_takes_a_text_for_markup(actors, arguments, figures):
    columns = marked()

    shown, wrong = 0, []
    for address, text in pages(actors, arguments):
        shown += "&lt;x-canary" in text
        if RAW in text or "a=49" in text or address.endswith("500"):
            wrong.append(address)
    figures("XSS", columns=len(columns), pages_that_show_it=shown, as_markup=len(wrong))
    assert wrong == []
    assert len(columns) > 40
    assert shown > 60


def test_a_page_that_took_it_for_markup_would_be_found(actors, arguments, monkeypatch):
    """The control: escaping switched off."""
    from django.template import base

    monkeypatch.setattr(base, "conditional_escape", str)
    marked()

    assert any(
        RAW in text
        for _address, text in pages({"manager": actors["manager"], "administrator": actors["manager"]}, arguments)
    )
