"""The storm of imports of ``make storm`` in small: real workers, beats, servers and a supervisor, really killed."""

import json
import subprocess
import sys

import pytest

from shopops.ops.places import ROOT

pytestmark = pytest.mark.kill


def weather(name, folder):
    """Run a small storm in a store of its own; return what it found."""
    file = folder / "found.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill.storm", name, "--small", "--json", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert file.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(file.read_text())


def test_imports_are_whole_or_not_there_whatever_is_killed(tmp_path):
    found = weather("imports", tmp_path)

    assert (found["halves"], found["lost"], found["doubled"]) == ([], [], [])
    assert found["effective"] == 4
