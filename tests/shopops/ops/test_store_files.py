import json
import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from shopops.ops import account as accounts
from shopops.ops.account import Account, account_for
from shopops.ops.keys import keys_of
from shopops.ops.places import ROOT, Places, digest, read_json, write_private
from shopops.ops.servers import given


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path):
    where = Places(tmp_path / "var")

    keys = keys_of(where)

    assert keys_of(where) == keys
    assert mode(where.keys) == 0o600
    assert len({keys["SECRET_KEY"], keys["FIELD_KEY"], keys["HASH_KEY"]}) == 3


def test_several_first_starts_at_once_agree_on_the_keys(tmp_path):
    code = "import sys; from pathlib import Path; from shopops.ops.keys import keys_of; "
    code += "from shopops.ops.places import Places; print(keys_of(Places(Path(sys.argv[1])))['SECRET_KEY'])"
    command = [sys.executable, "-c", code, str(tmp_path / "var")]

    starts = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]

    assert len({start.communicate(timeout=60)[0] for start in starts}) == 1


def test_lost_keys_are_never_made_anew_beside_a_database(tmp_path):
    where = Places(tmp_path / "var")
    (where.servers / "postgres").mkdir(parents=True)
    (where.servers / "postgres" / "PG_VERSION").write_text("18\n")

    with pytest.raises(SystemExit, match="bring it back"):
        keys_of(where)


def test_a_damaged_keys_file_is_named(tmp_path):
    where = Places(tmp_path)
    where.keys.write_text('{"SECRET_KEY": "x"}')

    with pytest.raises(SystemExit, match=r"damaged: FIELD_KEY, HASH_KEY, app_password, owner_password missing"):
        keys_of(where)


def test_a_private_file_is_whole_or_the_old_one(tmp_path):
    path = tmp_path / "run.json"
    write_private(path, {"url": "first"})

    with pytest.raises(TypeError):
        write_private(path, {"url": object()})

    assert json.loads(path.read_text()) == {"url": "first"}
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]
    assert mode(path) == 0o600


def test_half_a_file_reads_as_nothing(tmp_path):
    (tmp_path / "run.json").write_text('{"url": ')

    assert read_json(tmp_path / "run.json") == {}
    assert read_json(tmp_path / "no-such") == {}


def test_a_digest_changes_with_content_and_with_names(tmp_path):
    (tmp_path / "a").write_text("1")
    first = digest([tmp_path / "a"], root=tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    renamed = digest([tmp_path / "b"], root=tmp_path)
    (tmp_path / "b").write_text("2")

    assert len({first, renamed, digest([tmp_path / "b"], root=tmp_path)}) == 3


def test_two_checkouts_have_different_marks(tmp_path):
    assert Places(tmp_path / "one").mark != Places(tmp_path / "two").mark


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE"])
def test_servers_named_by_the_environment_are_the_ones_used(name):
    assert given({name: "x"})
    assert not given({"SECRET_KEY": "x"})


def owned(monkeypatch, *, me, data=None, checkout=0):
    """Pretend to be user ``me`` before folders of the given owners."""
    owner = {"data": data, "checkout": checkout}
    monkeypatch.setattr(accounts.os, "geteuid", lambda: me)
    monkeypatch.setattr(accounts.os, "getegid", lambda: me)
    monkeypatch.setattr(Path, "exists", lambda path: owner[path.name] is not None)
    found = os.stat_result
    monkeypatch.setattr(
        Path, "stat", lambda path: found((0o40700, 1, 1, 2, owner[path.name], owner[path.name], 0, 0, 0, 0))
    )
    return account_for(Path("/x/data"), Path("/x/checkout"))


def test_an_ordinary_user_runs_the_servers_themselves(monkeypatch):
    assert owned(monkeypatch, me=1234) == Account(1234, 1234)


def test_data_belongs_to_the_servers_account_for_ever(monkeypatch):
    assert owned(monkeypatch, me=0, data=99) == Account(99, 99)


def test_somebody_elses_data_is_refused(monkeypatch):
    with pytest.raises(SystemExit, match="belongs to user 99"):
        owned(monkeypatch, me=1234, data=99)


def test_root_gives_the_servers_to_the_checkouts_owner(monkeypatch):
    known = pwd.getpwnam("daemon").pw_uid

    assert owned(monkeypatch, me=0, checkout=known).uid == known


def test_root_never_runs_the_servers(monkeypatch):
    assert owned(monkeypatch, me=0).uid != 0
    assert owned(monkeypatch, me=0, checkout=3_999_999).uid in {
        entry.pw_uid for entry in pwd.getpwall() if entry.pw_name in {"postgres", "nobody"}
    }
