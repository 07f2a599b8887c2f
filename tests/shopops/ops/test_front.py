"""The pages' files belong to the checkout: two stores of it must not build them at once."""

import fcntl
import os

import pytest

from shopops.ops import front
from shopops.ops.places import Places


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A front folder that was never built."""
    folder = tmp_path / "front"
    folder.mkdir()
    (tmp_path / "vendor").mkdir()
    monkeypatch.setattr(front, "FRONT", folder)
    monkeypatch.setattr(front, "TARGET", tmp_path / "vendor")
    monkeypatch.setattr(front, "places", lambda: Places(tmp_path / "var"))
    monkeypatch.setattr(front, "node", lambda *_arguments, **_folder: None)
    return folder


def test_whoever_builds_keeps_the_other_stores_of_the_checkout_waiting(checkout, monkeypatch):
    def install():
        other = os.open(checkout, os.O_RDONLY)
        try:
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(other)

    monkeypatch.setattr(front, "_packages", install)

    assert front.build()
    assert not front.build()
