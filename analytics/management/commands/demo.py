import json
from argparse import ArgumentParser
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics.demo import services, staff
from analytics.demo.story import SIZES, Story, until
from shopops.errors import Refused
from shopops.typed import iso_day


class Command(BaseCommand):
    help = (
        "Make a demo store with log-ins of every role, or renew it; --remove takes it away and leaves what was imported."
        " The same seed, size and end give the same store."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", choices=SIZES, default="small", help="600, 30,000 or 1,000,000 orders")
        parser.add_argument("--seed", type=int, default=1, metavar="N")
        parser.add_argument("--until", type=iso_day, metavar="DAY", help="the last day; else up to this hour")
        parser.add_argument("--remove", action="store_true", help="take the demo away; log-ins stay")
        parser.add_argument("--no-staff", action="store_true", help="make no log-ins")
        parser.add_argument("--new-passwords", action="store_true", help="give demo log-ins that exist new passwords")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        begun = perf_counter()
        try:
            body = self._remove() if options["remove"] else self._make(options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        body["seconds"] = round(perf_counter() - begun, 2)
        if options["json"]:
            self.stdout.write(json.dumps(body, ensure_ascii=False, indent=1))
        else:
            self._say(body)

    def _remove(self) -> dict[str, Any]:
        services.remove()
        return {"removed": True}

    def _make(self, options: dict[str, Any]) -> dict[str, Any]:
        story = Story(options["seed"], options["size"], until(options["until"]))
        counts = services.create(story)
        counts["reports"] = services.make_reports(story)
        logins = [] if options["no_staff"] else staff.create_demo_staff(new_passwords=options["new_passwords"])
        return {
            "size": story.size,
            "seed": story.seed,
            "until": story.moment.isoformat(),
            "counts": counts,
            "logins": [login._asdict() for login in logins],
        }

    def _say(self, body: dict[str, Any]) -> None:
        for name, count in body.get("counts", {}).items():
            self.stdout.write(f"{name:>10} {count:>9,}")
        for login in body.get("logins", ()):
            shown = login["password"] or "(as before)"
            self.stdout.write(f"{login['role']:>16}  {login['username']:<18} {shown:<18} {login['full_name']}")
        self.stdout.write(f"{body['seconds']} s")
