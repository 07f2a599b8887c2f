"""The passwords and keys of a store on this machine: made once, kept in a file only its owner reads."""

import base64
import os
import secrets
from pathlib import Path

from shopops.ops.places import Places, read_json, write_private


def _made() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "HASH_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "owner_password": secrets.token_urlsafe(24),
        "app_password": secrets.token_urlsafe(24),
    }


def keys_of(places: Places) -> dict[str, str]:
    """Return the store's keys, made where there are none.

    Never made anew beside a database: without the old keys nobody reads its personal fields.
    Raises SystemExit where the file is damaged or gone although there is data.
    """
    if not places.keys.exists():
        if (places.servers / "postgres" / "PG_VERSION").exists():
            raise SystemExit(f"{places.keys} is gone, and the database of this store needs it: bring it back.")
        places.make()
        fresh = Path(f"{places.keys}.{os.getpid()}")
        write_private(fresh, _made())
        try:
            os.link(fresh, places.keys)  # the first of several wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    keys = read_json(places.keys)
    if missing := sorted(_made().keys() - keys.keys()):
        raise SystemExit(f"{places.keys} is damaged: {', '.join(missing)} missing.")
    return keys
