from django.apps import apps
from django.db.models.signals import post_migrate

from shopops.accounts.services import sync_roles


def _last_app(sender: object, **_kwargs: object) -> None:
    if getattr(sender, "name", "") == list(apps.get_app_configs())[-1].name:
        sync_roles()


post_migrate.connect(_last_app, dispatch_uid="sync_roles")
