"""Who may import whom (docs/architecture.md): floors, topics in order, kinds; the contracts stand in pyproject.toml."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.guards import ROOT, all_python, name


def lint_imports(folder):
    """Run the contracts over a tree; return the finished process."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the Python tree to plant mistakes in."""
    folder = tmp_path_factory.mktemp("tree")
    for path in [ROOT / "pyproject.toml", *all_python()]:
        target = folder / name(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder


def test_every_import_keeps_the_contracts():
    run = lint_imports(ROOT)

    assert run.returncode == 0, run.stdout + run.stderr
    assert int(re.search(r"(\d+) kept, 0 broken", run.stdout)[1]) >= 3


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("shopops/errors.py", "import products.orders.states"),  # the platform knows no department
        ("products/orders/states.py", "import customers.identity.models"),  # a floor above
        ("customers/identity/models.py", "import analytics.reports.models"),
        ("products/catalogue/codes.py", "import products.orders.states"),  # a topic further down the list
        ("shopops/history/models.py", "import shopops.exchange.models"),
        ("products/orders/queries.py", "import products.orders.merge.merging"),  # reads know nothing of writes
        ("products/orders/models.py", "import products.orders.imports"),
        ("shopops/money.py", "import tests.handbook"),
    ],
)
def test_a_forbidden_import_is_noticed(copy, file, line):
    path = copy / file
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")

    run = lint_imports(copy)
    path.write_text(before, encoding="utf-8")

    assert run.returncode == 1, run.stdout + run.stderr
    assert line.removeprefix("import ") in run.stdout


def test_the_apps_list_of_topics_is_the_whole_of_its_folder():
    """A topic missing in ``topics`` would be loaded by nobody and bound by no contract; without a folder for
    migrations the first table of an app would be passed by, by ``makemigrations --check`` too."""
    from django.apps import apps

    from shopops.topics import DepartmentApp

    for config in apps.get_app_configs():
        if isinstance(config, DepartmentApp):
            assert Path(config.path, "migrations/__init__.py").exists(), config.name
            folders = {path.parent.name for path in Path(config.path).glob("*/__init__.py")}
            assert folders - {"migrations", "management", "templatetags"} == set(config.topics), config.name
