import ast
import importlib.metadata
import re
import sys

from shopops.ops.places import ROOT

APPS = ("shopops", "hr_finance", "products", "visual", "customers", "marketing", "analytics")


def pinned(name):
    return set(re.findall(r"^([a-z0-9-]+)(?:\[.*?\])?==", (ROOT / name).read_text(), re.MULTILINE))


def imported():
    """The top-level modules the product imports."""
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    yield node.module.partition(".")[0]


def test_the_product_imports_only_what_its_lock_installs():
    """A package that merely happens to be installed here would be missing on a bare machine."""
    distributions = importlib.metadata.packages_distributions()
    lock = pinned("requirements.lock")
    foreign = set(imported()) - set(sys.stdlib_module_names) - set(APPS) - {"tests"}
    missing = {
        name: distributions.get(name)
        for name in foreign
        if not {re.sub(r"[._]", "-", found).lower() for found in distributions.get(name, ())} & lock
    }

    assert missing == {}


def test_what_is_asked_for_is_in_the_lock_with_hashes():
    for wanted, lock in (("requirements.in", "requirements.lock"), ("requirements-dev.in", "requirements-dev.lock")):
        text = (ROOT / lock).read_text()
        assert pinned(wanted) <= pinned(lock)
        assert text.count("--hash=sha256:") >= len(pinned(lock))


def test_no_lock_names_a_host():
    """Whoever installs says where from; a written address would be asked behind their back."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / name).read_text()
    for folder in ("front", "front/browser"):
        assert '"resolved"' not in (ROOT / folder / "package-lock.json").read_text()
        assert '"integrity"' in (ROOT / folder / "package-lock.json").read_text()


def test_every_icon_the_pages_use_is_in_the_sprite():
    named = set((ROOT / "front" / "icons.txt").read_text().split("\n"))
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")]
    used = {name for page in pages for name in re.findall(r"components/icon\.html\" with name=\"([a-z0-9-]+)\"", page)}

    assert used <= named, used - named
    assert used
