"""The embedded servers come back from whatever was killed, and never touch a stranger."""

import os
import select
import signal
import subprocess
import sys

import pytest

from shopops.ops import postgres, processes
from shopops.ops.places import ROOT
from shopops.ops.postgres import DATABASE, OWNER
from shopops.ops.servers import Servers


@pytest.fixture
def servers(store):
    """The servers of the store, running, used by this process alone."""
    running = Servers(store, durable=False)
    running.attach()
    yield running
    running.release()


def until_gone(pids):
    """Wait until none of these processes runs, whoever's children they are."""
    while any(processes.alive(pid) for pid in pids):
        select.select([], [], [], 0.01)


def kill(*pids):
    """Kill without a warning, and wait for the ends."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    until_gone(pids)


def query(servers, text):
    with servers.postgres.connection(OWNER, DATABASE) as connection, connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else None


def test_the_last_user_stops_the_servers(store, servers):
    second = Servers(store)
    second.attach()
    pids = servers.pids()
    servers.release()

    assert second.pids() == pids
    assert second.postgres.answers()

    second.release()

    assert not any(processes.alive(pid) for pid in pids.values())
    servers.attach()


def test_a_killed_user_does_not_keep_the_servers(store, servers):
    code = "import os,sys; from shopops.ops.places import places; from shopops.ops.servers import Servers; "
    code += "Servers(places()).attach(); print('in', flush=True); sys.stdin.read()"
    user = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"SHOPOPS_VAR": str(store.var)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert user.stdout.readline() == b"in\n"
    user.kill()
    user.communicate()
    pids = servers.pids()
    servers.release()

    assert not any(processes.alive(pid) for pid in pids.values())
    servers.attach()


def test_acknowledged_rows_survive_a_killed_server(servers):
    query(servers, "CREATE TABLE IF NOT EXISTS kept (id int)")
    query(servers, "TRUNCATE kept")
    for number in range(3):
        query(servers, f"INSERT INTO kept VALUES ({number})")
        kill(*servers.pids().values())
        servers.mend()

    assert query(servers, "SELECT count(*) FROM kept") == [(3,)]
    assert servers.valkey.answers()


def test_orphans_of_a_killed_postmaster_do_not_stop_the_next_start(servers):
    with servers.postgres.connection() as line, line.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
        os.kill(backend, signal.SIGSTOP)  # an orphan that holds the memory a while
        kill(servers.postgres.pid())
        starting = subprocess.Popen([sys.executable, "-c", f"import os,time; time.sleep(1); os.kill({backend}, 9)"])
        servers.mend()
        starting.wait()

    assert servers.postgres.answers()


def test_both_killed_at_once_while_nobody_used_them(servers):
    kill(*servers.pids().values())
    servers.release()
    servers.attach()

    assert servers.postgres.answers()
    assert servers.valkey.answers()


@pytest.fixture
def stranger(servers):
    """A program of the servers' own account whose number stands in the notes of a dead server."""
    options = {**servers.account.options(), "stdin": subprocess.PIPE}
    process = subprocess.Popen(["/bin/cat"], **options)
    pids = servers.pids()
    kill(*pids.values())
    note = servers.postgres.data / "postmaster.pid"
    note.write_text(note.read_text().replace(str(pids["postgres"]), str(process.pid), 1))
    (servers.folder / "run" / "valkey.pid").write_text(f"{process.pid}\n")
    yield process
    process.kill()
    process.communicate()


def test_a_number_that_is_a_strangers_by_now_neither_stops_the_start_nor_the_stranger(servers, stranger):
    servers.mend()
    servers.release()

    assert stranger.poll() is None
    servers.attach()


def test_without_the_look_at_strangers_the_start_would_fail(servers, stranger, monkeypatch):
    monkeypatch.setattr(postgres.Postgres, "_forget_strangers", lambda self: None)
    monkeypatch.setattr(postgres, "START_SECONDS", 2)

    with pytest.raises(SystemExit, match="does not start"):
        servers.mend()

    monkeypatch.undo()
    servers.mend()


def test_a_first_start_cut_in_the_middle_is_begun_anew(servers):
    servers.release()
    data = servers.postgres.data
    kept = data.rename(data.with_name("kept"))
    (data.with_name("postgres.new") / "base").mkdir(parents=True)
    data.mkdir()
    (data / "half").touch()

    servers.attach()

    assert servers.postgres.answers("shopops_app", DATABASE)
    servers.release()
    data.rename(data.with_name("second"))
    kept.rename(data)
    servers.attach()


def test_three_first_starts_at_once_make_one_store(tmp_path_factory, store):
    folder = store.var.parent / "three"
    code = "from shopops.ops.places import places; from shopops.ops.servers import Servers; s = Servers(places()); "
    code += "s.attach(); print(s.postgres.pid(), flush=True); input(); s.release()"
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"SHOPOPS_VAR": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    pids = {int(start.stdout.readline()) for start in starts}
    for start in starts:
        start.communicate("\n")

    assert len(pids) == 1
    assert not processes.alive(pids.pop())
    assert [start.returncode for start in starts] == [0, 0, 0]


def test_a_long_path_gets_short_sockets_of_its_own_user_alone(store):
    from shopops.ops.places import Places

    deep = Servers(Places(store.var.parent / ("很长" * 30) / "var"))

    assert len(str(deep.sockets).encode()) < 80
    assert deep.sockets.stat().st_mode & 0o077 == 0
    assert deep.sockets.stat().st_uid == deep.account.uid
    deep.sockets.rmdir()


def test_a_broker_that_lost_its_note_is_never_doubled(servers):
    """Two on the same files would spoil them; the first has no socket any more and would stay for ever."""
    first = servers.valkey.pid()
    (servers.folder / "run" / "valkey.pid").unlink()
    servers.valkey.socket.unlink()

    servers.mend()

    assert not processes.alive(first)
    assert processes.in_folder(servers.folder / "valkey", "valkey-server") == [servers.valkey.pid()]
