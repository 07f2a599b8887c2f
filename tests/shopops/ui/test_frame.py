"""The frame: navigation by permission, language, styleguide, icons, colours one can read."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shopops.ui.navigation import entries

ROOT = Path(settings.BASE_DIR)


def test_the_navigation_holds_what_a_person_may_open_and_nothing_else(make_user):
    administrator = {item.url_name for item in entries(make_user("administrator"))}
    designer = {item.url_name for item in entries(make_user("designer"))}

    assert "accounts:people" in administrator
    assert "accounts:people" not in designer


def test_a_department_without_a_page_for_this_person_is_not_shown(client_of):
    page = client_of("designer").get("/ui/me/")

    assert all(department["lines"] for department in page.context["navigation"]["departments"])
    assert len(page.context["navigation"]["tabs"]) <= 4


def test_the_language_is_remembered_and_leads_back(client_of):
    browser = client_of("designer")

    answer = browser.post("/ui/language/", {"language": "zh-hans", "next": "/ui/me/?a=1"})

    browser.user.refresh_from_db()
    assert answer["Location"] == "/ui/me/?a=1"
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    assert browser.user.language == "zh-hans"


@pytest.mark.parametrize("target", ["https://example.com/", "//example.com/", "javascript:alert(1)"])
def test_the_language_form_leads_nowhere_else(client, target):
    assert client.post("/ui/language/", {"language": "en", "next": target})["Location"] == "/"


def test_an_unknown_language_changes_nothing(client):
    answer = client.post("/ui/language/", {"language": "xx", "next": "/"})

    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


def test_the_styleguide_is_for_administrators(client_of):
    assert client_of("administrator").get("/styleguide/").status_code == 200
    assert client_of("manager").get("/styleguide/").status_code == 403


@pytest.mark.parametrize(("address", "status"), [("/nothing/here/", 404), ("/accounts/new/", 403)])
def test_who_is_logged_in_keeps_the_navigation_on_a_refused_page(client_of, address, status):
    browser = client_of("designer")
    with CaptureQueriesContext(connection) as usual:
        browser.get("/ui/me/")
    with CaptureQueriesContext(connection) as refused:
        answer = browser.get(address)

    assert answer.status_code == status
    assert answer.text.count("<h1>") == 1
    assert 'id="nav"' in answer.text
    assert "/ui/me/" in answer.text
    assert len(refused) <= len(usual)


@pytest.mark.django_db
def test_nobody_sees_the_navigation_without_a_log_in(client):
    answer = client.get("/nothing/here/")

    assert answer.status_code == 404
    assert 'id="nav"' not in answer.text


def test_an_error_page_says_what_happened_and_names_the_request(client_of):
    answer = client_of("designer").get("/nothing/here/")

    assert answer.status_code == 404
    assert answer["X-Request-ID"] in answer.text


def used_icons():
    """Return the icons templates and Python name literally."""
    found = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"{% icon(?:_url)? \"([\w-]+)\"", text))
        found |= set(re.findall(r"\bicon=\"([\w-]+)\"", text))
    for path in ROOT.glob("*/*/*.py"):
        found |= set(re.findall(r"\bicon[\"']?(?:=|: )[\"']([a-z][\w-]+)[\"']", path.read_text(encoding="utf-8")))
    return found


def test_every_icon_is_in_the_sprite():
    drawn = {line.strip() for line in (ROOT / "front/icons.txt").read_text().splitlines() if not line.startswith("#")}

    assert used_icons() - drawn == set()
    assert len(used_icons()) > 20


def tokens(theme):
    text = (ROOT / "static/css/tokens.css").read_text()
    block = re.search(rf'\[data-bs-theme="{theme}"\] {{(.*?)\n}}', text, re.DOTALL)[1]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))


def brightness(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(char * 2 for char in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((brightness(one), brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_from_what_they_stand_on(theme):
    colours = tokens(theme)
    pairs = [
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3", "accent", "good", "warn", "bad", "violet")
        for ground in ("surface", "bg")
    ]
    pairs += [(tone, f"{tone}-soft") for tone in ("accent", "good", "warn", "bad", "violet")] + [
        ("ink-2", "mute-soft"),
        ("on-fill", "fill"),
    ]

    weak = {
        pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in pairs
        if contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    }

    assert weak == {}
    assert contrast(colours["field"], colours["surface"]) >= 3


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/accounts/", ["People"]),
        ("/accounts/roles/", ["Roles"]),
        ("/accounts/new/", ["People"]),
        ("/jobs/", ["Jobs"]),
        ("/accounts/me/sessions/", []),
        ("/accounts/me/tokens/", []),
    ],
)
def test_the_line_of_the_page_is_marked_also_on_pages_below_it(client_of, path, current):
    foot = client_of("administrator").get(path).context["navigation"]["foot"]

    assert [str(line["label"]) for line in foot if line["current"]] == current
