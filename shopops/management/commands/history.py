from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shopops import clock
from shopops.history import sealing


class Command(BaseCommand):
    help = (
        "The chain over the history: --verify recomputes every seal and exits 1 where something was altered; "
        "--export keeps the chain in a file, --against compares with such a file; --seal seals up to yesterday now."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seal", action="store_true", help="seal what is not sealed yet, up to yesterday")
        parser.add_argument("--verify", action="store_true", help="recompute every seal")
        parser.add_argument("--export", type=Path, metavar="FILE", help="write the chain, one seal a line")
        parser.add_argument("--against", type=Path, metavar="FILE", help="compare with a chain exported earlier")

    def handle(self, *args: object, **options: Any) -> None:
        now = clock.now()
        if options["seal"]:
            made = sealing.seal(through=clock.store_day(now) - timedelta(days=1), now=now)
            self.stdout.write(f"sealed {made.count} changes" if made else "nothing to seal")
        faults: list[str] = []
        if options["verify"]:
            faults += sealing.faults()
        if options["against"]:
            with options["against"].open(encoding="utf-8") as lines:
                faults += sealing.differing(lines)
        for fault in faults:
            self.stdout.write(fault)
        if options["export"]:
            options["export"].write_text("".join(f"{line}\n" for line in sealing.exported()), encoding="utf-8")
        newest = sealing.sealed_through()
        where = f"sealed through {newest.day}, {newest.digest}" if newest else "nothing is sealed yet"
        self.stdout.write(where)
        if faults:
            raise CommandError(f"{len(faults)} faults: the history was altered.", returncode=1)
        if options["verify"]:
            emptied = sealing.emptied()
            told = f" Personal values were taken out of {emptied} changes by erasures." if emptied else ""
            self.stdout.write(f"The history is as it was sealed.{told}")
