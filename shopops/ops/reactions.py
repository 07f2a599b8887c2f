from django.apps import apps
from django.db.models.signals import post_migrate

from shopops.ops import sending


def _migrated(sender: object, **_kwargs: object) -> None:
    sending.recognise()


post_migrate.connect(_migrated, sender=apps.get_app_config("shopops"), dispatch_uid="recognise_place")
