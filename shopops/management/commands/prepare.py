from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring the database, the cache table and the static files up to this version of the code."

    def handle(self, *args: object, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("migrate", "shopops", interactive=False, verbosity=0)  # grants on the cache table
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
