import os
import shutil
import tempfile
from pathlib import Path

import pytest

from shopops.ops.places import Places
from shopops.ops.servers import Servers

OF_A_STORE = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEY", "HASH_KEY", "SITE_URL")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/kill/" in str(item.path):
            item.add_marker(pytest.mark.kill)


@pytest.fixture(scope="module")
def store():
    """The places of a store of its own, where the servers' account can reach them; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="so-test-"))
    folder.chmod(0o755)
    where = Places(folder / "var")
    yield where
    if where.keys.exists():
        Servers(where).stop_unused()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def surroundings(store):
    """The environment of somebody at a shell of this store: nothing names servers."""
    kept = {name: value for name, value in os.environ.items() if name not in OF_A_STORE and name != "SHOPOPS_DB_OWNER"}
    return kept | {"SHOPOPS_VAR": str(store.var), "STATIC_MANIFEST": "0", "DEMO": "0", "PYTHONUNBUFFERED": "1"}
