from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from shopops.ops import messages


class Command(BaseCommand):
    """Bring the translations up to date with the source, or check that they are."""

    help = "Collect the strings to translate, take in translations, report what is missing or unused."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", type=Path, dest="folder", help="take translations from the *.tsv files in here")
        parser.add_argument("--replace", action="store_true", help="let those files win over the catalogue")
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something is wrong")
        parser.add_argument("--compile", action="store_true", help="write the compiled catalogue too")

    def handle(self, **options: object) -> None:
        found, catalogue = messages.find_messages(), messages.load()
        if not options["check"]:
            texts = {key: text for key, text in messages.texts_of(catalogue).items() if text}
            if isinstance(folder := options["folder"], Path):
                texts = self._with_tables(texts, folder, replace=bool(options["replace"]))
            catalogue = messages.merged(found, texts)
            messages.save(catalogue)
        if options["compile"]:
            messages.compile_catalogues()
        faults = list(messages.faults(found, catalogue))
        for fault in faults:
            self.stdout.write(fault)
        self.stdout.write(f"{len(found.plurals)} strings, {len(faults)} faults")
        if faults and options["check"]:
            raise CommandError("The translations do not fit the source.", returncode=1)

    def _with_tables(self, texts: dict[messages.Key, str], folder: Path, *, replace: bool) -> dict[messages.Key, str]:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        tables = messages.read_tables(folder)
        for problem in tables.problems:
            self.stderr.write(problem)
        return texts | tables.texts if replace else tables.texts | texts
