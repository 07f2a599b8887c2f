"""What the running program may do in the database; the owner, who migrates, may do all."""

from typing import Final

from django.apps import apps
from django.db import connection
from django.db.models.signals import post_migrate

APP_ROLE: Final = "shopops_app"
_GRANTS: Final = f"""
    CREATE SCHEMA IF NOT EXISTS stage;
    GRANT USAGE, CREATE ON SCHEMA stage TO {APP_ROLE};
    GRANT USAGE ON SCHEMA public TO {APP_ROLE};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
    GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
    REVOKE UPDATE, DELETE, TRUNCATE ON shopops_change FROM {APP_ROLE};
    GRANT MAINTAIN ON shopops_change TO {APP_ROLE};
    REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE};
"""


def grant(sender: object, **_kwargs: object) -> None:
    """Give the running role its rights: no history to rewrite, no table to empty or alter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND current_user <> %s", [APP_ROLE, APP_ROLE])
        if cursor.fetchone():
            cursor.execute(_GRANTS)
            cursor.execute("SELECT to_regclass('shopops_seal')")  # older stages of the migrations have none
            if cursor.fetchone()[0]:
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON shopops_seal FROM {APP_ROLE}")


post_migrate.connect(grant, sender=apps.get_app_config("shopops"), dispatch_uid="grant_rights")
