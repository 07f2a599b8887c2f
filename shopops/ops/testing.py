"""``make test``, ``make check``, ``make storm``, ``make bench``: on servers of their own, never the store's."""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time
from typing import Final

from shopops.ops import browser, front
from shopops.ops.attach import ended
from shopops.ops.places import ROOT, Places
from shopops.ops.servers import Servers

# What a developer's shell may hold and tests must not see.
FOREIGN: Final = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "EMAIL_URL", "SITE_URL", "SMS_BASE_URL", "DEBUG")
CHECKS: Final = {  # name: what Python is asked to run
    "style": ("-m", "ruff", "check", ".", "--output-format", "concise"),
    "format": ("-m", "ruff", "format", "--check", ".", "--output-format", "concise"),
    "types": (
        "-m",
        "mypy",
        "--no-incremental",
    ),  # with a cache of older source the Django plugin reports errors that are none
    "templates": ("-m", "djlint", "--lint", "templates", "--quiet"),
    "contracts": ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
    "django": ("manage.py", "check", "--fail-level", "WARNING"),
    "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
    "translations": ("manage.py", "messages", "--check"),
}


def check(environment: dict[str, str]) -> list[str]:
    """Run every check and return the names of those that failed."""
    return [name for name, parts in CHECKS.items() if not _passes(name, parts, environment)]


def _passes(name: str, parts: tuple[str, ...], environment: dict[str, str]) -> bool:
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, *parts], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({time.monotonic() - begun:.0f} s)", flush=True)
    if done.returncode:
        print(done.stdout[-6000:] + done.stderr[-3000:], flush=True)
    return done.returncode == 0


def pytest(arguments: list[str], environment: dict[str, str]) -> bool:
    """Run the test-suite on two processes; say whether all passed and none was left out."""
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", "-q", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def storm(arguments: list[str], environment: dict[str, str]) -> bool:
    """Run the promises' full storms (tests/kill/storm), each in a store of its own, then the other tests that kill."""
    command = [sys.executable, "-m", "tests.kill.storm", *arguments]
    weathered = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0
    others = arguments or pytest(["tests/kill", "--ignore=tests/kill/test_storm.py"], environment)
    return weathered and bool(others)


def bench(arguments: list[str], environment: dict[str, str]) -> bool:
    """Run the benches (QUICK=1: a tenth)."""
    return (
        subprocess.run([sys.executable, "-m", "bench", *arguments], cwd=ROOT, env=environment, check=False).returncode
        == 0
    )


def main() -> None:
    """``python -m shopops.ops.testing test|check|storm|bench [ARGUMENTS]``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("test", "check", "storm", "bench"))
    what, arguments = parser.parse_known_args()
    where = Places(ROOT / "var" / ("bench" if what.what == "bench" else "test"))
    where.make()
    with (where.run / "testing.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second run waits for the first
        raise SystemExit(_run(what.what, arguments, where))


def _run(what: str, arguments: list[str], where: Places) -> int:
    begun = time.monotonic()
    front.build()
    _compile_messages()
    if what == "test":
        browser.provide()
    for name in FOREIGN:
        for end in ("", "_FILE"):
            os.environ.pop(f"{name}{end}", None)
    os.environ["SHOPOPS_VAR"] = str(where.var)
    signal.signal(signal.SIGTERM, ended)
    servers = Servers(where, durable=what == "bench")
    servers.attach()
    try:
        environment = os.environ | servers.environment() | {"SHOPOPS_DB_OWNER": "1", "STATIC_MANIFEST": "0"}
        failed = _work(what, arguments, environment)
    finally:
        servers.release()
    verdict = f"FAILED: {', '.join(failed)}" if failed else "All passed"
    print(f"\n{verdict} ({time.monotonic() - begun:.0f} s).", flush=True)
    return 1 if failed else 0


def _work(what: str, arguments: list[str], environment: dict[str, str]) -> list[str]:
    failed = check(environment) if what in {"check", "test"} and not arguments else []
    if what == "test" and not pytest(arguments, environment):
        failed.append("pytest")
    if what == "storm" and not storm(arguments, environment):
        failed.append("storm")
    if what == "bench" and not bench(arguments, environment):
        failed.append("bench")
    return failed


def _compile_messages() -> None:
    subprocess.run([sys.executable, "-m", "shopops.ops.messages", "compile"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
