import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from products.channels.models import Channel
from products.orders import imports
from products.orders.formats import base as formats
from shopops.accounts.models import User
from shopops.errors import Refused
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch, ImportReject
from shopops.history.actor import SYSTEM
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from shopops.words import as_read

DONE, REFUSED, PARTLY = 0, 1, 3


class Command(BaseCommand):
    help = "Import order files into a channel. Exit 0: all good; 3: rows left out (--skip-bad); 1: nothing imported."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument("--channel", required=True, metavar="CODE")
        parser.add_argument("--new-channel", metavar="TITLE", help="make the channel with this title if it is new")
        parser.add_argument("--currency", metavar="CUR", default=settings.STORE_CURRENCY)
        parser.add_argument("--format", default="", metavar="NAME", help="instead of finding it from the content")
        parser.add_argument("--map", type=Path, metavar="FILE.json", help="a mapping of columns")
        parser.add_argument("--sheet", default="", metavar="NAME")
        parser.add_argument("--on-tie", choices=("take", "keep"), default="take")
        parser.add_argument("--dry-run", action="store_true", help="count what would change, write nothing")
        parser.add_argument("--skip-bad", action="store_true", help="import the good rows, list the others")
        parser.add_argument("--no-wait", action="store_true", help="leave the work to a worker")
        parser.add_argument("--as", dest="user", metavar="USER", help="in whose name")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE if not options["json"] else "en"):
            sys.exit(self._import(options))

    def _import(self, options: dict[str, Any]) -> int:
        by = self._user(options["user"])
        chosen = self._chosen(options)
        for path in options["files"]:
            if not path.is_file():
                raise CommandError(f"{path}: no such file.")
        channel = self._channel(options, by)
        batches = []
        for position, path in enumerate(options["files"]):
            with path.open("rb") as file:
                upload = uploads.keep(file, name=path.name, by=by)
            batches.append(imports.add_batch(upload, channel, chosen, by=by, position=position))
        job = imports.submit(imports.RUN, batches, by=by, wake=options["no_wait"])
        if not options["no_wait"]:
            jobs.perform(job.pk)
        return self._report([batch.pk for batch in batches], job.pk, options)

    def _user(self, name: str | None) -> User | None:
        if not name:
            return None
        user: User | None = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(f"--as: no active log-in {name!r}.")
        if not user.has_perm("orders.import"):
            raise CommandError(f"--as: {name!r} may not import orders.")
        return user

    def _chosen(self, options: dict[str, Any]) -> imports.Options:
        mapping = None
        if options["map"]:
            try:
                mapping = json.loads(options["map"].read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise CommandError(f"--map: {error}") from error
        if options["format"] and options["format"] not in {item.code for item in formats.every()}:
            known = ", ".join(sorted(item.code for item in formats.every()))
            raise CommandError(f"--format: unknown. Known: {known}")
        return imports.Options(
            format=options["format"],
            mapping=mapping,
            sheet=options["sheet"],
            skip_bad=options["skip_bad"],
            on_tie=options["on_tie"],
            dry_run=options["dry_run"],
            confirmed=True,
        )

    def _channel(self, options: dict[str, Any], by: User | None) -> Channel:
        channel = Channel.objects.filter(code=options["channel"]).first()
        if channel is not None:
            return channel
        if not options["new_channel"]:
            raise CommandError(f"--channel: no channel {options['channel']!r}. Make it with --new-channel TITLE.")
        try:
            return imports.new_channel(
                options["channel"],
                options["new_channel"],
                currency=options["currency"],
                by=by or SYSTEM,
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _report(self, ids: list[int], job_id: int, options: dict[str, Any]) -> int:
        job = Job.objects.get(pk=job_id)
        batches = list(ImportBatch.objects.filter(pk__in=ids).select_related("upload").order_by("position"))
        rejects = list(ImportReject.objects.filter(batch__in=ids).order_by("batch", "row_no", "id")[:1000])
        if options["json"]:
            body = {
                "job": job.pk,
                "state": job.state,
                "files": [imports.result(batch) for batch in batches],
                "rejects": [
                    {
                        "batch": r.batch_id,
                        "row": r.row_no,
                        "column": r.column,
                        "value": r.value,
                        "code": r.code,
                        "message": r.reason,
                    }
                    for r in rejects
                ],
                "error": job.error,
            }
            self.stdout.write(json.dumps(body, ensure_ascii=False, indent=1))
        else:
            for batch in batches:
                self._say(batch)
            for reject in rejects[:20]:
                self.stdout.write(f"  {reject.row_no} · {reject.column} · {reject.value} · {reject.reason}")
            if job.error:
                self.stderr.write(job.error)
        if options["no_wait"]:
            return DONE
        if job.state != Job.State.DONE or any(batch.state != ImportBatch.State.DONE for batch in batches):
            return REFUSED
        return PARTLY if any(batch.counts.get("refused") for batch in batches) else DONE

    def _say(self, batch: ImportBatch) -> None:
        counts = batch.counts
        self.stdout.write(
            f"{batch.upload.name} → {batch.channel_code} #{batch.pk} {batch.format}: {batch.get_state_display()}"
            f" · rows {counts.get('rows', 0)} · orders {counts.get('orders', 0)}: new {counts.get('new', 0)},"
            f" changed {counts.get('changed', 0)}, equal {counts.get('equal', 0)} · refunds {counts.get('refunds', 0)}"
            f" · refused {counts.get('refused', 0)}"
        )
        if batch.refusal:
            self.stdout.write(f"  {as_read(batch.refusal)['message']}")
        for notice in batch.notices:
            self.stdout.write(f"  {as_read(notice)['message']}")
