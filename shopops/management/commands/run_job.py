from django.core.management.base import BaseCommand, CommandParser

from shopops.jobs.services import perform


class Command(BaseCommand):
    help = "Run one job to its end (what a worker's child process does)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job", type=int)

    def handle(self, *args: object, **options: int) -> None:
        self.stdout.write(perform(options["job"]))
