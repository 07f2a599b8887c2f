import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from analytics.quality.fingerprint import fingerprint


class Command(BaseCommand):
    help = "Print the content hash of the store's facts and roll-ups: equal before and after means nothing changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the hash of each table too")
        parser.add_argument("--tables", action="store_true", help="the hash of each table too")

    def handle(self, *args: object, **options: Any) -> None:
        found = fingerprint()
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=1, sort_keys=True))
            return
        self.stdout.write(found["all"])
        if options["tables"]:
            for table, value in sorted(found.items()):
                self.stdout.write(f"{table} {value}")
