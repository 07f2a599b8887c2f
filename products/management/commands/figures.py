import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from products.sales import questions
from products.sales.figures import Figure, figures
from shopops.errors import Refused
from shopops.metrics.registry import metrics


class Command(BaseCommand):
    help = "Print sales figures of store days; exact, as pages, report and API show them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("metrics", nargs="*", metavar="METRIC")
        parser.add_argument("--list", action="store_true", help="list the metrics and how they are computed")
        parser.add_argument("--from", dest="first", metavar="DAY", help="first store day, 2026-03-01")
        parser.add_argument("--to", dest="last", metavar="DAY", help="last store day, inclusive")
        parser.add_argument("--by", choices=questions.BY)
        parser.add_argument("--basis", choices=questions.BASES, default="paid", help="orders by payment or by creation")
        parser.add_argument(
            "--refunds", choices=questions.REFUNDS, default="day", help="on their own day or the order's"
        )
        parser.add_argument(
            "--window", type=int, default=questions.WINDOW, metavar="DAYS", help="of the repurchase rate"
        )
        parser.add_argument("--channel", action="append", default=[], metavar="CODE")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        if options["list"]:
            self._list(as_json=options["json"])
            return
        if not options["metrics"] or not options["first"] or not options["last"]:
            raise CommandError("Give metrics, --from and --to; --list shows the metrics.")
        try:
            found = self._figures(options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps([figure.as_json() for figure in found], ensure_ascii=False, indent=1))
            return
        for figure in found:
            self.stdout.write(_line(figure))

    def _figures(self, options: dict[str, Any]) -> list[Figure]:
        return figures(
            options["metrics"],
            questions.day(options["first"], "--from"),
            questions.day(options["last"], "--to"),
            by=options["by"],
            channel=options["channel"],
            basis=options["basis"],
            refunds=options["refunds"],
            window=options["window"],
        )

    def _list(self, *, as_json: bool) -> None:
        names = ("code", "name", "unit", "formula", "basis", "additivity", "owner")
        rows = [{name: str(getattr(item, name)) for name in names} for item in metrics().values()]
        if as_json:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
            return
        for row in rows:
            self.stdout.write(
                f"{row['code']:<20}{row['name']} ({row['unit']}): {row['formula']} {row['basis']} {row['additivity']}"
            )


def _line(figure: Figure) -> str:
    known = f"  ({figure.known} / {figure.of})" if figure.of > figure.known else ""
    return f"{figure.metric:<20}{figure.key:<14}{figure.text or '–'} {figure.currency or ''}".rstrip() + known
