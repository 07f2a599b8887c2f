import json
from typing import Any

from django.core.management.base import BaseCommand

from shopops.ops.log_ins import one_per_role


class Command(BaseCommand):
    help = "Make a log-in for each role with a new random password, for trying the store out; print them as JSON."

    def handle(self, *args: object, **options: Any) -> None:
        self.stdout.write(json.dumps(one_per_role(), ensure_ascii=False))
