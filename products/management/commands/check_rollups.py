import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from products.sales.checking import differences


class Command(BaseCommand):
    help = "Compare the day roll-ups with orders and refunds, exactly. Exit 0: equal; 1: differences, listed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        found = differences()
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
        else:
            for row in found:
                self.stdout.write(
                    f"{row['channel']} {row['day']} {row['table']}.{row['column']}: facts {row['facts']}, roll-up {row['rollup']}"
                )
            self.stdout.write(f"{len(found)} differences")
        sys.exit(1 if found else 0)
