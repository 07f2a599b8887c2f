import json
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.reports import services
from analytics.reports.models import Report
from analytics.reports.reading import read
from shopops import clock
from shopops.errors import Refused
from shopops.jobs.models import Job
from shopops.jobs.services import perform
from shopops.typed import iso_day


class Command(BaseCommand):
    help = "Make the sales report of one store day (a new revision when there is one) and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=iso_day, help="store day, YYYY-MM-DD; without it yesterday")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: object, **options: object) -> None:
        now = clock.now()
        day = options["day"] or clock.store_day(now) - timedelta(days=1)
        try:
            job = services.ask(day, by=None, now=now)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        state = perform(job.pk)
        revision = Report.objects.get(day=day).revisions.order_by("-number").first()
        if revision is None or (state != Job.State.DONE and state != Job.State.RUNNING):
            raise CommandError(f"The report was not made: {Job.objects.get(pk=job.pk).error or state}")
        if options["json"]:
            self.stdout.write(
                json.dumps({**revision.figures, "revision": revision.number}, ensure_ascii=False, indent=1)
            )
            return
        report = read(revision)
        self.stdout.write(f"{report.day_words} · {report.made}")
        self.stdout.write("; ".join(f"{title} {moment}" for title, moment in report.through))
        for alarm in report.alarms:
            self.stdout.write(f"! {alarm['words']}")
        for line in report.lines:
            self.stdout.write(f"{line.label}: {line.words}")
