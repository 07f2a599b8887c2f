"""A real Chromium on a real server: every page fails its test on a script error or a broken policy."""

import os

# Playwright's loop runs in this thread; the ORM calls of these tests are not inside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from shopops.history.actor import SYSTEM, acting
from shopops.ops import browser as provided

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
QUIET = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
AXE = """([within, rules]) => axe.run(within, rules).then(({violations}) => violations.flatMap(
    (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`)))"""
# Told as soon as the policy refuses something; the console says it too, but not for every kind.
POLICY_WATCH = """
    document.addEventListener("securitypolicyviolation", (event) =>
        console.error("policy violation: " + event.violatedDirective + " " + event.blockedURI + " " + event.sample));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = provided.find()
    if found is None:
        pytest.fail(f"No Chromium: run `{provided.COMMAND}` once.", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.program,
            env=os.environ | found.environment,
            chromium_sandbox=False,
            args=QUIET,
        )
        yield browser
        browser.close()


@pytest.fixture
def faults() -> list[str]:
    """What went wrong in the pages of this test; whoever provokes a fault on purpose empties it."""
    return []


@pytest.fixture
def open_context(chromium: Browser, live_server: object, faults: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that opens a browser window's worth of cookies; desktop, English and light by default."""
    opened = []

    def note_message(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"{message.text} ({message.location.get('url', '')})")

    def note_response(response: Response) -> None:
        if response.status >= 500 or (response.status == 404 and "/static/" in response.url):
            faults.append(f"{response.status} {response.url}")

    def open_one(**options: object) -> BrowserContext:
        chosen = {"viewport": DESKTOP, "locale": "en", "reduced_motion": "reduce"} | options
        context = chromium.new_context(base_url=live_server.url, **chosen)
        context.set_default_timeout(60_000)
        context.add_init_script(POLICY_WATCH)
        context.on("console", note_message)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("response", note_response)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """An empty page of a desktop, nobody logged in."""
    return open_context().new_page()


@pytest.fixture
def login(
    open_context: Callable[..., BrowserContext], make_user: Callable[..., object], live_server: object
) -> Callable[..., Page]:
    """Return a function that gives a page of somebody with these roles, logged in.

    ``login("manager", phone=True, language="zh-hans", color_scheme="dark")``; a second call is a second person.
    """

    def log_in(*roles: str, phone: bool = False, language: str = "en", **options: object) -> Page:
        name = f"{'-'.join(roles) or 'nobody'}-{os.urandom(3).hex()}"
        user = make_user(*roles, username=name, full_name="林青" if language == "zh-hans" else "")
        with acting(SYSTEM):
            type(user).objects.filter(pk=user.pk).update(language=language)
        client = Client()
        client.force_login(user, backend="shopops.accounts.backends.StaffBackend")
        if phone:
            options = {"viewport": PHONE, "has_touch": True, "is_mobile": True} | options
        context = open_context(locale="zh-CN" if language == "zh-hans" else language, **options)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        opened = context.new_page()
        opened.user = user
        return opened

    return log_in


@pytest.fixture(scope="session")
def violations() -> Callable[..., list[str]]:
    """Return a look at a page that says what axe finds wrong (WCAG 2.2 A and AA), one line an element.

    ``within``: the CSS selector of the part to look at, the whole page by default.
    """
    script = Axe().axe_script
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}

    def look(opened: Page, within: str = "html") -> list[str]:
        if not opened.evaluate("typeof axe === 'object'"):
            opened.evaluate(script)
        return list(opened.evaluate(AXE, [within, rules]))

    return look


@pytest.fixture(scope="session")
def accessible(violations: Callable[[Page], list[str]]) -> Callable[[Page], None]:
    """Return a check that fails with what axe finds wrong."""

    def check(opened: Page) -> None:
        found = violations(opened)
        assert not found, "\n".join(found)

    return check


@pytest.fixture(scope="session")
def fits() -> Callable[[Page], None]:
    """Return a check that fails when a page is wider than its window."""

    def check(opened: Page) -> None:
        wide = opened.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{opened.url} is {wide} px too wide"

    return check
