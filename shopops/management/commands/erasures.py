"""The journal of erasures: done again after an older backup was brought back, or taken to another machine."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shopops.privacy import erasing, journal


class Command(BaseCommand):
    """``manage.py erasures [--replay [FILE]] [--export FILE]``: without either, counts."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--replay", nargs="?", const="", metavar="FILE", help="erase again whom the journal names (ERASURES_FILE)"
        )
        parser.add_argument("--export", metavar="FILE", help="write the journal to a file, for another machine")

    def handle(self, *args: object, **options: Any) -> None:
        if options["replay"] is not None:
            source = Path(options["replay"]) if options["replay"] else None
            if source is not None and not source.is_file():
                raise CommandError(f"There is no file {source}.")
            try:
                entries = journal.entries(source)
            except (ValueError, KeyError, TypeError) as error:
                raise CommandError(f"{source or journal.path()} is no journal of erasures: {error}.") from error
            done = erasing.replay(entries)
            kept = erasing.keep_known()
            self.stdout.write(f"{len(entries)} erasures in the journal, {done} done again, {kept} added to it.")
        elif options["export"]:
            erasing.keep_known()
            target = Path(options["export"])
            lines = [entry.line() for entry in journal.entries()]
            target.touch(mode=0o600)
            target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            self.stdout.write(f"{len(lines)} erasures written to {target}.")
        else:
            self.stdout.write(f"{len(journal.entries())} erasures in {journal.path()}.")
