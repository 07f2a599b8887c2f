"""``make run`` from the outside: it starts, mends, survives kill -9 of everything, and stops leaving nothing."""

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from shopops.accounts.roles import ROLES
from shopops.ops import processes
from shopops.ops.places import ROOT, read_json


def free_port():
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


class Shell:
    """Somebody at a shell of the store."""

    def __init__(self, store, surroundings):
        self.store = store
        self.surroundings = surroundings | {"PORT": str(free_port())}

    def start(self, **more):
        """Start the store; return its supervisor and the first lines, up to the address."""
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "shopops.ops.run"],
            cwd=ROOT,
            env=self.surroundings | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        said = []
        for line in supervisor.stdout:
            said.append(line)
            if "ShopOps runs" in line:
                return supervisor, "".join(said)
        supervisor.wait()
        return supervisor, "".join(said)

    def manage(self, *arguments, text=""):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.surroundings,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )

    def note(self):
        return read_json(self.store.run_file)

    def pids(self):
        return {name: pid for name, pid in self.note()["processes"].items() if pid}

    def answers(self):
        address = urlsplit(self.note()["url"])
        line = http.client.HTTPConnection("127.0.0.1", address.port, timeout=10)
        try:
            line.request("GET", "/readyz", headers={"Host": "localhost"})
            return line.getresponse().status == 200
        except OSError:
            return False
        finally:
            line.close()


def until(condition):
    """Look until something is so; the test's own time limit is the runner's."""
    while not condition():
        select.select([], [], [], 0.05)


@pytest.fixture(scope="module")
def shell(store, surroundings):
    return Shell(store, surroundings)


def test_a_store_runs_mends_survives_and_stops(shell, store):
    supervisor, said = shell.start()
    try:
        assert "ShopOps runs at http://localhost:" in said
        assert shell.answers()
        note = shell.note()
        assert [login["role"] for login in note["logins"]] == [code for code, _name, _department in ROLES]
        assert store.run_file.stat().st_mode & 0o777 == 0o600

        before = shell.pids()
        dead = {before[name] for name in ("web", "worker-default", "postgres", "valkey")}
        for pid in dead:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not dead & set(shell.pids().values()) and len(shell.pids()) == len(before))
        until(shell.answers)
        assert supervisor.poll() is None

        beside = shell.manage("shell", "-c", "from shopops.accounts.models import User; print(User.objects.count())")
        assert beside.stdout.strip().endswith(str(len(ROLES))), beside.stderr
        assert shell.answers()  # the command attached and left the servers running

        _second, second_said = shell.start()
        assert "runs already at http://localhost:" in second_said

        for pid in [*shell.pids().values()]:
            os.kill(pid, signal.SIGKILL)
        supervisor.wait()
        supervisor, said = shell.start()
        assert shell.answers()
        assert shell.note()["logins"] == note["logins"]
        assert not [pid for pid in processes.marked(note["mark"]) if pid in dead]
    finally:
        mark = shell.note().get("mark", "-")
        pids = shell.pids()
        supervisor.send_signal(signal.SIGTERM)
        supervisor.communicate()
    assert supervisor.returncode == 0
    assert not processes.marked(mark)
    assert not any(processes.alive(pid) for pid in pids.values())
    assert shell.note()["processes"] == {}


def test_a_command_without_a_running_store_starts_the_servers_for_its_time(shell, store):
    code = "from shopops.ops.places import places; from shopops.ops.servers import Servers; "
    done = shell.manage("shell", "-c", f"{code}print(Servers(places()).pids()['postgres'])")

    assert done.returncode == 0, done.stderr
    assert not processes.alive(int(done.stdout.split()[-1]))


def test_a_taken_port_is_named(shell):
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        line.listen()
        port = line.getsockname()[1]
        supervisor, said = shell.start(PORT=str(port))

    assert supervisor.returncode == 1
    assert f"Port {port} is taken" in said


def test_servers_named_by_the_environment_are_not_supervised(shell):
    supervisor, said = shell.start(DATABASE_URL="postgres://x@/y")

    assert supervisor.returncode == 1
    assert "DATABASE_URL or REDIS_URL is set" in said
