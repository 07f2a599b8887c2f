"""What upper floors may react to; told once the change is committed, with ids."""

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.dispatch import Signal

from shopops.accounts import letters

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.history.actor import System

# user_id, what (a word of WORDS), by_id: something about how somebody logs in was changed.
log_in_changed = Signal()
WORDS = ("password", "factor_added", "factor_removed", "factor_reset", "sessions_ended", "token_made", "left")


def tell(user: "User", what: str, *, by: "User | System") -> None:
    """Send ``log_in_changed`` at commit, and owe the person a letter where it is worth one."""
    letters.owe(user, what)
    transaction.on_commit(partial(log_in_changed.send_robust, type(user), user_id=user.pk, what=what, by_id=by.pk))
