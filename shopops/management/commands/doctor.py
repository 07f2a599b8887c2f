from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shopops import clock
from shopops.ops.health import examine


class Command(BaseCommand):
    help = "Look whether this installation can work and does; exit status 1 names what does not."

    def handle(self, *args: object, **options: Any) -> None:
        ill = 0
        for finding in examine(now=clock.now()):
            ill += bool(finding.problem)
            self.stdout.write(
                f"{'FAIL' if finding.problem else 'ok  '} {finding.name}{': ' if finding.problem else ''}{finding.problem}"
            )
        if ill:
            raise CommandError(f"{ill} of these need care: docs/operations.md says what to do.")
