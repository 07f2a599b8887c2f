from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shopops.accounts import second_factor
from shopops.accounts.models import User
from shopops.history.actor import SYSTEM


class Command(BaseCommand):
    help = (
        "Take the second factors from somebody who lost them and end their sessions: for the last administrator, whom"
        " nobody else can help. Others are helped on their page under People."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: object, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active log-in {options['username']!r}.")
        count = second_factor.reset(user, by=SYSTEM)
        self.stdout.write(f"{user.username}: {count} second factors removed, sessions ended.")
