"""No request makes a web process grow beyond a bound, however it was made (bad-input catalogue 3.5)."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from products.orders.models import Order
from shopops.history.actor import SYSTEM, acting
from shopops.ops.places import ROOT
from tests.factories.orders import make_channel, make_order

BOUND = 64 * 1024  # KiB one request may take; a web process is let grow to some hundred


@pytest.mark.django_db(transaction=True)
def test_no_hostile_request_takes_much_memory(make_user, tmp_path, figures):
    order = make_order(make_channel("a"))
    with acting(SYSTEM):
        Order.objects.update(note="theirs")
    user = make_user("manager")
    command = [
        sys.executable,
        "-m",
        "tests.architecture.peaks",
        connection.settings_dict["NAME"],
        str(user.pk),
        str(order.pk),
    ]
    environment = os.environ | {"SHOPOPS_VAR": str(tmp_path), "MEDIA_ROOT": str(tmp_path / "media")}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) > 30, done.stderr[-3000:]
    for case in found:
        print(f"{case['name']:<36}{case['status']:>5}{case['grown'] / 1024:>8.1f} MiB")
    figures(
        "3.5",
        cases=len(found),
        server_errors=sum(case["status"] >= 500 or not case["status"] for case in found),
        most_MiB=max(case["grown"] for case in found) // 1024,
    )
    assert [case for case in found if case["status"] not in case["wanted"]] == []
    assert [case for case in found if case["grown"] > BOUND] == []
