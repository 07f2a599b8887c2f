from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from shopops.accounts.invitations import link_for
from shopops.accounts.models import User
from shopops.accounts.services import create_user, new_password
from shopops.errors import Refused
from shopops.history.actor import SYSTEM


class Command(BaseCommand):
    help = (
        "Make a log-in, or take the one of that e-mail address, and print a one-time link by which its owner sets the"
        " password. The link ends after three days, or when it was used. A store's first log-in is made this way."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", action="append", metavar="CODE", help="may be given several times")
        parser.add_argument("--username", help="else the part before the @")
        parser.add_argument("--name", help="full name; else the user name")

    def handle(self, *args: object, **options: Any) -> None:
        email = options["email"]
        validate_email(email)
        user = User.objects.filter(email__iexact=email, is_active=True).order_by("pk").first()
        if user is None:
            if not options["role"]:
                raise CommandError("A new log-in needs --role CODE (administrator, manager, …).")
            username = options["username"] or email.partition("@")[0]
            try:
                user = create_user(
                    username=username,
                    full_name=options["name"] or username,
                    email=email,
                    role_codes=options["role"],
                    password=new_password(),
                    by=SYSTEM,
                )
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal
        elif options["role"]:
            raise CommandError(f"{user.username} has this address already: without --role for a new link.")
        self.stdout.write(f"{user.username}: {link_for(user)}")
