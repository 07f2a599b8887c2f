from allauth.account.signals import authentication_step_completed
from django.apps import apps
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_migrate

from shopops.accounts import (
    recent,
    schema,  # noqa: F401 - it registers itself
    sessions,
    telling,
)
from shopops.accounts.facts import log_in_changed
from shopops.accounts.services import sync_roles


def _migrated(sender: object, **_kwargs: object) -> None:
    sync_roles()


post_migrate.connect(_migrated, sender=apps.get_app_config("shopops"), dispatch_uid="sync_roles")
user_logged_in.connect(sessions.begin, dispatch_uid="session_begins")
user_logged_out.connect(sessions.logged_out, dispatch_uid="session_ends")
authentication_step_completed.connect(recent.note_confirmed, dispatch_uid="confirmed")
user_logged_in.connect(telling.new_device, dispatch_uid="new_device")
log_in_changed.connect(telling.factor_reset, dispatch_uid="factor_reset")
