"""The same code by environment alone: every service of docker-compose.yml is started with exactly its command and
environment, host names led to this machine, and a manager gets the night's report by mail."""

import http.client
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import date
from email.message import EmailMessage
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from shopops.ops.account import Account, account_for
from shopops.ops.places import ROOT
from shopops.ops.programs import within_reach
from tests.compose import description
from tests.compose.catcher import Catcher
from tests.compose.test_description import SECRETS

SITE = "https://shop.example.com"
PUBLIC = {"SITE_URL": SITE, "BEHIND_PROXY": "yes"}
PASSWORD = "a-long-and-strange-passphrase"
PROCESSES = ("web", "worker", "worker-imports", "worker-reports", "beat")


def free_port():
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


def until(condition, what, process=None):
    """Look until something is so; a process that ends meanwhile is a failure."""
    while not condition():
        assert process is None or process.poll() is None, what
        select.select([], [], [], 0.1)


def hears(port):
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


class Machine:
    """Containers played by processes of this machine."""

    def __init__(self, folder, mail_port):
        self.folder = folder
        self.account: Account = account_for(folder / "servers", ROOT)
        self.account.folder(folder / "servers")
        self.programs = within_reach(self.account, folder / "programs")
        self.ports = {"database": free_port(), "broker": free_port(), "mail": mail_port, "web": free_port()}
        whole = description.compose(SECRETS | PUBLIC)
        self.services, self.configs = whole["services"], whole["configs"]
        self.image = description.image()
        self.started = []
        self.path = f"{Path(sys.executable).parent}:/usr/bin:/bin"

    def here(self, value):
        """Lead a service's name to its server on this machine, the container's folders to ours."""
        value = re.sub(r"@database\b", f"@127.0.0.1:{self.ports['database']}", value)
        value = value.replace("@broker:6379", f"@127.0.0.1:{self.ports['broker']}")
        value = value.replace("//mail:1025", f"//127.0.0.1:{self.ports['mail']}")
        value = value.replace("0.0.0.0:8000", f"127.0.0.1:{self.ports['web']}")
        value = value.replace("http://localhost:8000", f"http://127.0.0.1:{self.ports['web']}")
        return re.sub(r"^/data\b", str(self.folder / "data"), value).replace(
            "/app/static-packed", str(self.folder / "static")
        )

    def environment(self, service):
        given = self.image.environment | self.services[service]["environment"]
        return {"PATH": self.path} | {name: self.here(value) for name, value in given.items()}

    def command(self, service):
        given = [self.here(part) for part in self.services[service].get("command", self.image.command)]
        program = {"python": [], "celery": ["-m", "celery"], "gunicorn": ["-m", "gunicorn"]}[given[0]]
        return [sys.executable, *program, *given[1:]]

    def call(self, *command, service="prepare", **more):
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment(service) | more, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pack(self, step):
        """Do what the image's builder does."""
        environment = {"PATH": self.path} | {k: self.here(v) for k, v in self.image.environment.items()}
        command = ["/bin/sh", "-ec", self.here(step)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def start_database(self):
        service, data, run = self.services["database"], self.folder / "servers" / "data", self.folder / "servers"
        secret = run / "password"
        secret.write_text(service["environment"]["POSTGRES_PASSWORD"])
        self.account.give(secret)
        words = service["environment"]["POSTGRES_INITDB_ARGS"].split()
        owner = service["environment"]["POSTGRES_USER"]
        done = self.account.call(
            self.programs.postgres("initdb"), "-D", data, "-U", owner, f"--pwfile={secret}", "--no-sync", *words
        )
        assert done.returncode == 0, done.stdout
        places = ["-c", f"port={self.ports['database']}", "-c", "listen_addresses=127.0.0.1"]
        places += ["-c", "unix_socket_directories=", "-c", "fsync=off"]
        self._serve(self.programs.postgres("postgres"), "-D", data, *service["command"][1:], *places)
        until(lambda: hears(self.ports["database"]), "database", self.started[-1])
        environment = service["environment"] | {
            "PATH": f"{self.programs.postgres('psql').parent}:/usr/bin:/bin",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.ports["database"]),
            "PGPASSWORD": service["environment"]["POSTGRES_PASSWORD"],
        }
        script = f"until psql -qAtc 'select 1' -U {owner} -d postgres; do sleep 0.1; done\n"
        script += f"createdb -U {owner} {service['environment']['POSTGRES_DB']}\n"
        script += self.configs["app-role"]["content"]
        done = subprocess.run(["/bin/sh", "-c", script], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def start_broker(self):
        self.account.folder(self.folder / "servers" / "broker")
        command = self.services["broker"]["command"]
        assert command[0] == "valkey-server"
        places = ("--port", str(self.ports["broker"]), "--bind", "127.0.0.1")
        self._serve(self.programs.valkey, *command[1:], *places, "--dir", self.folder / "servers" / "broker")
        until(lambda: hears(self.ports["broker"]), "broker", self.started[-1])

    def _serve(self, program, *arguments):
        with (self.folder / f"{Path(program).name}.log").open("wb") as log:
            command = [str(part) for part in (program, *arguments)]
            self.started.append(subprocess.Popen(command, stdout=log, stderr=log, **self.account.options()))

    def start(self, service):
        with (self.folder / f"{service}.log").open("wb") as log:
            process = subprocess.Popen(
                self.command(service),
                cwd=ROOT,
                env=self.environment(service),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def is_healthy(self):
        """Ask as the container's health check does."""
        check = [self.here(part) for part in self.services["web"]["healthcheck"]["test"][1:]]
        environment = self.environment("web")
        command = [sys.executable, *check[1:]]
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0

    def stop(self):
        servers, programs = self.started[:2], self.started[2:]
        for group in (programs, servers):
            for process in group:
                process.terminate()
            for process in group:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


class Browser:
    """Somebody behind the proxy."""

    def __init__(self, port):
        self.port = port
        self.cookies = {}

    def request(self, method, path, form=None):
        headers = {"Host": "shop.example.com", "X-Forwarded-Proto": "https", "Accept-Language": "en"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = urlencode(form) if form is not None else None
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": SITE, "Referer": f"{SITE}{path}"}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request(method, path, body, headers)
        answer = line.getresponse()
        text = answer.read().decode()
        for raw in answer.msg.get_all("Set-Cookie") or []:
            for name, cookie in SimpleCookie(raw).items():
                assert cookie["secure"] or not cookie.value, name  # Django takes a cookie away without the mark
                self.cookies[name] = cookie.value
        line.close()
        return answer, text

    def get(self, path):
        answer, text = self.request("GET", path)
        assert answer.status == 200, (path, answer.status)
        return text

    def post(self, path, **form):
        """Send a form as its page gives it: with the page's token."""
        page = form.pop("page", path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page))[1]
        answer, text = self.request("POST", path, form | {"csrfmiddlewaretoken": token})
        assert answer.status == 302, (path, answer.status, text[-2000:])
        return answer.headers["Location"]


@pytest.fixture
def machine():
    folder = Path(tempfile.mkdtemp(prefix="so-compose-"))
    folder.chmod(0o755)
    for name in ("run", "tmp", "media"):
        (folder / "data" / name).mkdir(parents=True)
    with Catcher() as catcher:
        found = Machine(folder, catcher.port)
        found.catcher = catcher
        yield found
        found.stop()
    shutil.rmtree(folder)


def set_up_second_factor(browser):
    """Do what a manager must on a public address before anything else."""
    answer, _text = browser.request("GET", "/")
    assert answer.headers["Location"] == "/account/factors/"
    page = browser.get("/account/factors/app/")
    secret = re.search(r'<code translate="no">([A-Z2-7]+)</code>', page)[1]
    form = {"csrfmiddlewaretoken": re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]}
    for _time in range(3):  # a code may end on the way
        code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
        answer, _text = browser.request("POST", "/account/factors/app/", form | {"code": code})
        if answer.status == 302:
            break
    assert answer.headers["Location"] == "/account/factors/codes/"


def test_a_manager_gets_a_report_by_mail_from_processes_that_know_only_their_environment(machine):
    packing = next(step for step in machine.image.steps if "collectstatic" in step)
    machine.start_database()
    machine.start_broker()
    machine.pack(packing.removeprefix("RUN "))
    machine.call(*machine.command("prepare"))
    said = machine.call(sys.executable, "manage.py", "invite", "wang@example.com", "--role", "manager", service="web")
    link = urlsplit(said.split()[-1])
    assert f"{link.scheme}://{link.netloc}" == SITE

    for service in PROCESSES:
        machine.start(service)
    until(machine.is_healthy, "web", machine.started[2])

    wang = Browser(machine.ports["web"])
    assert wang.post(link.path, password=PASSWORD) == "/account/login/"
    assert wang.post("/account/login/", login="wang", password=PASSWORD) == "/"
    assert {"__Host-session", "__Host-csrf"} <= set(wang.cookies)
    set_up_second_factor(wang)
    page = wang.get("/")
    assert re.search(r'href="(/static/[^"]+\.[0-9a-f]{8,}\.css)"', page)

    wang.post("/reports/subscription/", wants="on", page="/reports/")
    wang.post("/reports/2026-03-23/make/", page="/reports/2026-03-23/")
    until(lambda: "/reports/2026-03-23/1/workbook/" in wang.get("/reports/2026-03-23/"), "report")
    answer, _text = wang.request("GET", "/reports/2026-03-23/send/")
    assert answer.status == 405
    wang.post("/reports/2026-03-23/send/", page="/reports/2026-03-23/")

    arrived = [machine.catcher.wait(60) for _mail in range(3)]  # of the password, of the second factor, the report
    assert arrived == [True] * 3
    mail: EmailMessage = machine.catcher.mails[-1]
    assert mail["To"] == "wang@example.com"
    assert f"{SITE}/reports/{date(2026, 3, 23)}/" in mail.get_body(("plain",)).get_content()
