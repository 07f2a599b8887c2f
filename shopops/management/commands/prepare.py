from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand

from shopops.history.guards import grant


class Command(BaseCommand):
    help = "Bring the database with its cache table, or the static files, up to this version of the code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("part", nargs="?", choices=("all", "migrate", "static"), default="all")

    def handle(self, *args: object, **options: Any) -> None:
        if options["part"] != "static":
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            grant(apps.get_app_config("shopops"))  # of the cache table, which is no model's
        if options["part"] != "migrate":
            call_command("collectstatic", interactive=False, verbosity=0, clear=True)
