"""No file leaves unnoted: every address that hands one out leaves a row in the register (promise P13)."""

import re

import pytest
from django.test import Client

from shopops.access.checks import patterns
from shopops.exchange.middleware import is_file
from shopops.exchange.models import Export
from shopops.ui.pages import ListPage
from tests.architecture.guards import all_python, name
from tests.architecture.matrix import addresses, argument_names
from tests.architecture.test_role_matrix import arguments, world  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
# What the world of the role matrix cannot hand out: a copy that was made (tests/shopops/privacy/test_requests.py),
# a file somebody agreed to (tests/shopops/exchange/test_register.py).
ELSEWHERE = {"privacy:file", "ui:export"}
SINGLE = {"orders:import_rejects", "reports:workbook", "audit:chain", "ops:mail_file", "collaboration:file"}
# The register sets the header; two places look at it, one hands out small pictures to be shown.
MAY_NAME_IT = {
    "shopops/exchange/register.py",
    "shopops/exchange/middleware.py",
    "shopops/accounts/middleware.py",
    "shopops/collaboration/file_views.py",
}
HEADER = re.compile(r"Content-Disposition|as_attachment|FileResponse", re.IGNORECASE)


def lists():
    """Return the names of the lists that are taken along."""
    return {
        name
        for name, _path, pattern in patterns()
        if (page := getattr(pattern.callback, "view_class", None)) and issubclass(page, ListPage)
        if page.is_exported and "get" in page.http_method_names
        if not argument_names(pattern)  # with arguments: the pages of acts over many rows
    }


def test_every_address_that_hands_out_a_file_leaves_a_row(arguments, make_user, settings):
    settings.EXPORTS_AN_HOUR = 1000
    client, handed_out, unnoted = Client(), set(), []
    client.force_login(make_user("manager", "administrator"), backend="shopops.accounts.backends.StaffBackend")
    for url in addresses(arguments):
        for query in ("", "?export=csv") if url.exists else ():
            before = Export.objects.count()
            answer = client.get(url.path + query)
            if is_file(answer):
                handed_out.add(url.name)
                answer.getvalue()
                newest = Export.objects.latest("pk")
                if Export.objects.count() != before + 1 or newest.mark not in answer.headers["Content-Disposition"]:
                    unnoted.append(url.path + query)
                if newest.state != "done":
                    unnoted.append(f"{url.path}{query}: {newest.state}")

    print(f"{len(handed_out)} addresses hand out files")
    assert unnoted == []
    assert handed_out == SINGLE | lists()
    assert set(ELSEWHERE) <= {name for name, _path, _pattern in patterns()}


def test_the_register_alone_makes_answers_that_are_files():
    found = {
        name(path)
        for path in all_python()
        if not name(path).startswith(("tests/", "bench/")) and HEADER.search(path.read_text(encoding="utf-8"))
    }

    assert found == MAY_NAME_IT
