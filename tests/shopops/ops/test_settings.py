import os
import re
import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

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


NEEDED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEY", "HASH_KEY")
NO_NUMBER = ("ten", "1e6", "-1", "1.5")
NO_WORD = ("perhaps", "2")
NO_FOLDER = ("relative/path", "/etc/passwd")
WRONG = {  # every setting: values that are refused; none where any text is right
    "DATABASE_URL": ("mysql://app@db/shop", "postgres://app@db", "postgres://app:p@ss/word@db:x/shop", "db"),
    "DATABASE_OWNER_URL": ("mysql://app@db/shop", "postgres://app@db"),
    "REDIS_URL": ("memory://", "redis://", "redis+socket://", "redis://broker:port/0"),
    "SECRET_KEY": ("short",),
    "FIELD_KEY": ("not base64!", "QUFB", "密钥"),
    "FIELD_KEYS_OLD": ("not base64!", "QUFB"),
    "HASH_KEY": ("not base64!", "QUFB", "密钥"),
    "SITE_URL": ("shop.example.com", "https://example.com/shop", "ftp://a.cn", "https://a.cn:x", "https://me@a.cn"),
    "ALLOWED_HOSTS": ("*",),  # on a public address
    "BEHIND_PROXY": NO_WORD,
    "TRUSTED_PROXIES": ("proxy", "2", "10.0.0.5/8", "10.0.0.5;10.0.0.6", "0.0.0.0/0", "10.0.0.5, ::/0"),
    "SSL_REDIRECT": NO_WORD,
    "SECRET_KEY_FALLBACKS": ("short",),
    "STORE_NAME": (),
    "STORE_CURRENCY": ("yuan", "cny", "¥"),
    "STORE_TIME_ZONE": ("Mars/Olympus", "../etc", "+8"),
    "REPORTS_FROM": ("24.11.2026", "2026-02-30"),
    "SWEEP_SECONDS": (*NO_NUMBER, "0"),
    "PULSE_SECONDS": (*NO_NUMBER, "0"),
    "EXPORT_FREE_ROWS": (*NO_NUMBER, "0"),
    "EXPORTS_AN_HOUR": (*NO_NUMBER, "0"),
    "EXPORT_LINK_HOURS": (*NO_NUMBER, "0"),
    "JOB_LEASE_SECONDS": (*NO_NUMBER, "3"),
    "LOG_LEVEL": ("loud",),
    "DEBUG": ("1", *NO_WORD),  # yes is refused on a public address
    "CLOCK_SHIFT_SECONDS": ("60", "ten"),  # likewise
    "EMAIL_URL": ("mail.example.com", "smtp://", "pop3://mail:110", "smtp://mail:port"),
    "DEFAULT_FROM_EMAIL": ("shop", "Shop <shop>"),
    "SMS_BASE_URL": ("sms.example.com", "https://"),
    "SHOPOPS_VAR": NO_FOLDER,
    "MEDIA_ROOT": NO_FOLDER,
    "ERASURES_FILE": (),
    "STATIC_ROOT": NO_FOLDER,
    "STATIC_MANIFEST": NO_WORD,
    "IMPORT_MAX_ROWS": (*NO_NUMBER, "0"),
    "IMPORT_MAX_BYTES": (*NO_NUMBER, "0"),
    "IMPORT_MAX_BYTES_COMMAND": (*NO_NUMBER, "0"),
    "IMPORT_MAX_UNPACKED": (*NO_NUMBER, "0"),
    "REQUEST_MAX_BYTES": (*NO_NUMBER, "0"),
    "ATTACHMENT_MAX_BYTES": (*NO_NUMBER, "0"),
    "ATTACHMENT_RECORD_BYTES": (*NO_NUMBER, "0"),
    "ATTACHMENT_PERSON_BYTES": (*NO_NUMBER, "0"),
    "ATTACHMENT_MAX_PIXELS": (*NO_NUMBER, "0"),
    "ATTACHMENT_MAX_FRAMES": (*NO_NUMBER, "0"),
    "ATTACHMENT_DECODE_BYTES": (*NO_NUMBER, "1000"),
    "ATTACHMENT_SCAN": (),
    "PRIVACY_DAYS": (*NO_NUMBER, "0"),
    "UPLOAD_KEEP_DAYS": (*NO_NUMBER, "0"),
    "STATEMENT_TIMEOUT_MS": NO_NUMBER,
    "LOCK_TIMEOUT_MS": NO_NUMBER,
    "IDLE_TRANSACTION_MS": NO_NUMBER,
    "SHOPOPS_DB_OWNER": NO_WORD,
    "SHOPOPS_PROCESS": (),
}


@pytest.fixture
def read(monkeypatch):
    """Return a function that reads the settings once more, with nothing but the given variables."""

    def read(environment):
        for name in [*os.environ]:
            if name.removesuffix("_FILE") in WRONG:
                monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "shopops" / "settings.py"))

    return read


def _given(name):
    owner = {"SHOPOPS_DB_OWNER": "1"} if name == "DATABASE_OWNER_URL" else {}
    return {**RIGHT, "DATABASE_OWNER_URL": RIGHT["DATABASE_URL"], **owner}


@pytest.mark.parametrize("name", WRONG)
def test_an_absent_or_empty_one_is_named_where_it_is_needed_else_its_default_holds(read, name):
    rest = {key: value for key, value in _given(name).items() if key != name}
    if name in {*NEEDED, "DATABASE_OWNER_URL"}:
        for environment in (rest, rest | {name: ""}):
            with pytest.raises(ImproperlyConfigured, match=rf"^{name} \(or {name}_FILE\) is not set"):
                read(environment)
        return
    absent, empty = read(rest), read(rest | {name: ""})

    assert {key for key in absent if key.isupper() and _words(absent[key]) != _words(empty[key])} == set()


def _words(value):
    return re.sub(" at 0x[0-9a-f]+", "", repr(value))


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_one_is_named_and_a_secret_not_repeated(read, name, value):
    with pytest.raises(ImproperlyConfigured, match=rf"^{name}: ") as refused:
        read(_given(name) | {name: value})

    if name in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEY", "HASH_KEY", "EMAIL_URL"}:
        assert value not in str(refused.value).removesuffix(".").split(": expected ")[0]


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_missing_or_unreadable_is_named(read, name, tmp_path):
    rest = {key: value for key, value in _given(name).items() if key != name}
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")

    for path in (tmp_path / "none", tmp_path, tmp_path / "binary"):
        with pytest.raises(ImproperlyConfigured, match=rf"^{name}: its file "):
            read(rest | {f"{name}_FILE": str(path)})


@pytest.mark.parametrize("name", NEEDED)
def test_a_file_may_end_with_a_line_end_as_editors_leave_it(read, name, tmp_path):
    (tmp_path / "secret").write_text(RIGHT[name] + "\n")
    rest = {key: value for key, value in RIGHT.items() if key != name}
    by_file = read(rest | {f"{name}_FILE": str(tmp_path / "secret")})

    assert {key: by_file[key] for key in (name, "DATABASES") if key in by_file} == {
        key: value for key, value in read(RIGHT).items() if key in (name, "DATABASES")
    }


def test_a_secret_that_begins_with_a_dollar_stands_for_itself(read):
    assert read(RIGHT | {"SECRET_KEY": "$" + "k" * 40})["SECRET_KEY"] == "$" + "k" * 40


def test_characters_of_a_password_are_given_as_an_address_gives_them(read):
    found = read(RIGHT | {"DATABASE_URL": "postgres://app:p%40s%2Fs%3A@db:6543/shop"})["DATABASES"]["default"]

    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("app", "p@s/s:", "db", "6543")


def test_a_mail_server_is_taken_apart(read):
    found = read(RIGHT | {"EMAIL_URL": "smtp+tls://me:p%40ss@mail.example.com:587"})
    names = (
        "MAIL_SERVER_BACKEND",
        "EMAIL_HOST",
        "EMAIL_PORT",
        "EMAIL_HOST_USER",
        "EMAIL_HOST_PASSWORD",
        "EMAIL_USE_TLS",
    )

    assert [found[name] for name in names] == [
        "django.core.mail.backends.smtp.EmailBackend",
        "mail.example.com",
        587,
        "me",
        "p@ss",
        True,
    ]


def test_a_public_store_has_no_warnings_of_the_deployment_check():
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            **RIGHT,
            "SECRET_KEY": "7Hq-public-store-key-of-more-than-fifty-characters-x2",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout  # what is silenced has its reason in the settings


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
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source)) | {"DATABASE_URL"}
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)) == read | {"PORT", "HOST", "DEMO"}
    assert set(WRONG) == read
