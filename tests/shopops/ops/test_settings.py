import os
import re
import subprocess
import sys

import pytest

from shopops.ops.places import ROOT

RIGHT = {
    "DATABASE_URL": "postgres://app:secret@db/shop",
    "REDIS_URL": "redis://broker:6379/0",
    "SECRET_KEY": "k" * 50,
    "FIELD_KEY": "A" * 43 + "=",
    "HASH_KEY": "B" * 43 + "=",
    "SITE_URL": "https://shop.example.com",
}


def settings(show="'started'", **environment):
    """Read the settings in a fresh process with nothing but these variables."""
    done = subprocess.run(
        [sys.executable, "-c", f"from shopops import settings; print({show})"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_the_needed_ones_suffice():
    assert settings(**RIGHT) == "started"


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEY", "HASH_KEY"])
def test_a_missing_one_is_named(name):
    rest = {key: value for key, value in RIGHT.items() if key != name}

    assert f"{name} (or {name}_FILE) is not set" in settings(**rest)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://app@db/shop"),
        ("DATABASE_URL", "postgres://app@db"),
        ("REDIS_URL", "memory://"),
        ("SECRET_KEY", "short"),
        ("FIELD_KEY", "not base64!"),
        ("HASH_KEY", "QUFB"),
        ("SITE_URL", "shop.example.com"),
        ("SITE_URL", "https://example.com/shop"),
        ("DEBUG", "1"),  # on a public address
        ("DEBUG", "perhaps"),
        ("CLOCK_SHIFT_SECONDS", "60"),  # on a public address
        ("STORE_TIME_ZONE", "Mars/Olympus"),
        ("STATEMENT_TIMEOUT_MS", "ten"),
        ("IMPORT_MAX_ROWS", "1e6"),
        ("REPORTS_FROM", "24.11.2026"),
        ("EMAIL_URL", "mail.example.com"),
    ],
)
def test_a_wrong_one_is_named(name, value):
    said = settings(**RIGHT | {name: value})

    assert f"ImproperlyConfigured: {name}" in said


def test_each_may_stand_in_a_file(tmp_path):
    (tmp_path / "key").write_text("f" * 40)
    rest = {key: value for key, value in RIGHT.items() if key != "SECRET_KEY"}

    assert settings("settings.SECRET_KEY", **rest, SECRET_KEY_FILE=str(tmp_path / "key")) == "f" * 40
    assert "SECRET_KEY: " in settings(**rest, SECRET_KEY_FILE=str(tmp_path / "none"))


def test_a_public_address_switches_everything_safe_on():
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "DEBUG")
    show = ", ".join(f"settings.{name}" for name in (*names, "SESSION_COOKIE_NAME", "ALLOWED_HOSTS"))

    assert settings(show, **RIGHT) == "True True True 31536000 False __Host-session ['shop.example.com']"


def test_two_stores_of_one_machine_keep_their_log_ins_apart():
    """Cookies know no ports: equal names would log people out of the other store."""
    names = {
        settings("settings.SESSION_COOKIE_NAME", **RIGHT | {"SITE_URL": f"http://localhost:{port}"})
        for port in (8000, 8001)
    }

    assert names == {"shopops_session_8000", "shopops_session_8001"}


def test_every_setting_is_described_and_no_other():
    source = (ROOT / "shopops" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r"(?:env\.\w+|_database|_key)\(\s*\"([A-Z_]+)\"", source)) | {
        "DATABASE_OWNER_URL",
        "DATABASE_URL",
    }
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)) == read | {"PORT", "HOST", "DEMO"}
