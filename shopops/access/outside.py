"""Access of views that libraries bring: by URL name, one by one."""

from typing import Final

from shopops.access.declare import PUBLIC, STAFF

OUTSIDE: Final[dict[str, str]] = {
    "account_login": PUBLIC,
    "account_logout": STAFF,
    "account_change_password": STAFF,
    "account_set_password": STAFF,
    "account_reauthenticate": STAFF,
}
OUTSIDE_METHODS: Final = ("GET", "HEAD", "POST")  # they would take PUT for POST
