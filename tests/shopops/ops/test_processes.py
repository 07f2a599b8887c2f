import os
import subprocess
import sys
from itertools import count, pairwise

import pytest

from shopops.ops import processes
from shopops.ops.children import Child, Role

WAITS = "import sys; sys.stdin.read()"


@pytest.fixture
def started():
    """A function that starts a program which waits for its end; all are ended after the test."""
    running = []

    def start(code=WAITS, **environment):
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, env=os.environ | environment, start_new_session=True
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdin.close()


def test_our_processes_are_known_by_their_mark_alone(started):
    ours, stranger = started(SHOPOPS_RUN="a-store"), started(SHOPOPS_RUN="another-store")

    assert processes.marked("a-store") == [ours.pid]
    assert stranger.pid not in processes.marked("a-store")


def test_a_dead_process_is_not_alive_even_before_its_parent_looked(started):
    process = started()
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # a zombie now

    assert not processes.alive(process.pid)


def test_what_does_not_listen_to_sigterm_is_killed_after_the_grace(started):
    deaf = started("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); " + WAITS)

    processes.end([deaf.pid], grace=0.2)

    assert deaf.wait(10) < 0


def child(tmp_path, code):
    return Child(Role("worker", (sys.executable, "-c", code)), {}, tmp_path)


@pytest.fixture
def seconds_fly(monkeypatch):
    """A clock that is a second later whenever somebody looks."""
    moments = count()
    monkeypatch.setattr("shopops.ops.children.time.monotonic", lambda: float(next(moments)))


def died(pid):
    """Wait for the end of a child without taking its exit status."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_a_crashed_process_is_started_again(tmp_path, seconds_fly):
    worker = child(tmp_path, WAITS.replace("sys.stdin.read()", "import signal; signal.pause()"))
    worker.start()
    first = worker.pid
    os.kill(first, 9)
    died(first)

    assert any([worker.mend(), worker.mend(), worker.mend()])

    second = worker.pid
    assert second != first
    assert not worker.mend()  # it runs
    worker.ask_to_end()
    worker.wait(float("inf"))
    assert not processes.alive(second)


def test_a_process_that_keeps_crashing_is_started_later_and_later(tmp_path, seconds_fly):
    worker = child(tmp_path, "raise SystemExit(1)")
    worker.start()
    starts = []
    for look in range(60):
        if worker.pid is not None:
            died(worker.pid)
        if worker.mend():
            starts.append(look)

    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert pauses == sorted(pauses)
    assert pauses[-1] > pauses[0]


def test_what_a_process_says_stands_in_its_log(tmp_path):
    worker = child(tmp_path, "print('no such table')")
    worker.start()
    worker.wait(float("inf"))

    assert worker.last_words() == "no such table\n"
