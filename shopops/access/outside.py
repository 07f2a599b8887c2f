"""Access of views that libraries bring: by URL name, one by one."""

from typing import Final

from shopops.access.declare import PUBLIC, STAFF

OUTSIDE: Final[dict[str, str]] = {
    "account_login": PUBLIC,
    "account_change_password": STAFF,
    "account_set_password": STAFF,
    "account_reauthenticate": STAFF,
    "mfa_authenticate": PUBLIC,  # of somebody whose password was right; others are sent to the log-in
    "mfa_reauthenticate": STAFF,
    "mfa_reauthenticate_webauthn": STAFF,
}
OUTSIDE_METHODS: Final = ("GET", "HEAD", "POST")  # they would take PUT for POST
