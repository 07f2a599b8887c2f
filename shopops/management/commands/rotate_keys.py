"""Make everything encrypted anew under FIELD_KEY, so that the former keys (FIELD_KEYS_OLD) can be thrown away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shopops.privacy import ciphers


class Command(BaseCommand):
    """``manage.py rotate_keys [--check]``: may be broken off and begun again; ends with "0 left"."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="count only, change nothing")

    def handle(self, *args: object, **options: Any) -> None:
        left = damaged = 0
        for item in ciphers.tables():
            if not options["check"]:
                done, bad = ciphers.renew(item)
                damaged += bad
                self.stdout.write(f"{item.table}: {done} rows made anew")
            left += self._say(item.table, ciphers.left(item))
        for kind in ciphers.files():
            if not options["check"]:
                for one in list(kind.old()):
                    kind.renew(one)
            left += self._say(kind.label, len(list(kind.old())))
        if damaged:
            self.stderr.write(
                f"{damaged} rows are opened by no key given: restore FIELD_KEYS_OLD, or they are damaged."
            )
        self.stdout.write(f"{left} left")
        if left and not options["check"]:
            raise CommandError("Not everything is of the present key; keep the former ones.")

    def _say(self, name: str, left: int) -> int:
        self.stdout.write(f"{name}: {left} left")
        return left
