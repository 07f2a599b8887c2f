from django.apps import apps
from django.db.models.signals import post_migrate

from shopops.accounts.services import sync_roles


def _migrated(sender: object, **_kwargs: object) -> None:
    sync_roles()


post_migrate.connect(_migrated, sender=apps.get_app_config("shopops"), dispatch_uid="sync_roles")
