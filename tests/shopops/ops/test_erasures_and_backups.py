"""Who was erased stays erased when an older backup comes back: the journal beside the database outlives it."""

import stat

from shopops.ops import backup


def test_the_present_journal_is_kept_and_the_backups_lines_are_added_once(tmp_path):
    present, saved = tmp_path / "erasures.jsonl", tmp_path / "saved.jsonl"
    saved.write_text('{"key":"a"}\n{"key":"b"}\n')
    present.write_text('{"key":"b"}\n{"key":"c"}\n')

    backup._merge_journal(present, saved)

    assert present.read_text().splitlines() == ['{"key":"a"}', '{"key":"b"}', '{"key":"c"}']
    assert stat.S_IMODE(present.stat().st_mode) == 0o600


def test_a_backup_without_a_journal_leaves_the_present_one(tmp_path):
    present = tmp_path / "erasures.jsonl"
    present.write_text('{"key":"c"}\n')

    backup._merge_journal(present, tmp_path / "none.jsonl")

    assert present.read_text() == '{"key":"c"}\n'


def test_a_store_that_erased_nobody_has_no_journal(tmp_path):
    backup._merge_journal(tmp_path / "erasures.jsonl", tmp_path / "none.jsonl")

    assert not list(tmp_path.iterdir())
