import pytest


@pytest.fixture
def manager(make_user):
    """A manager with a password."""
    from shopops.history.actor import SYSTEM, acting

    user = make_user("manager")
    user.set_password("a long and odd password")
    with acting(SYSTEM):
        user.save(update_fields=["password"])
    return user


def log_in(page, password, name="manager"):
    """Fill in the form as a person does."""
    page.goto("/account/login/")
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")


def test_a_manager_logs_in_and_lands_on_the_first_page(page, manager):
    log_in(page, "a long and odd password")

    page.wait_for_url(lambda url: "/account/login/" not in url)
    assert page.context.cookies(page.url)


def test_a_wrong_password_is_refused_in_the_same_words_for_everybody(page, manager):
    said = []
    for name in ("manager", "somebody-unknown"):
        log_in(page, "not the password at all", name=name)
        page.wait_for_load_state()
        said.append(page.locator("main").inner_text())

    assert said[0] == said[1]


def test_the_log_in_page_is_accessible_and_fits_a_phone(open_context, accessible, fits):
    page = open_context(viewport={"width": 390, "height": 844}, locale="zh-CN").new_page()
    page.goto("/account/login/")

    accessible(page)
    fits(page)


def test_chinese_is_drawn_by_a_font_that_has_it(page):
    """Without a Chinese font every character is the same empty box."""
    page.goto("/account/login/")
    widths = page.evaluate(
        """() => {
            const draw = (text) => {
                const canvas = document.createElement("canvas");
                canvas.width = canvas.height = 40;
                const pen = canvas.getContext("2d");
                pen.font = "30px sans-serif";
                pen.fillText(text, 2, 32);
                return canvas.toDataURL();
            };
            return [draw("店"), draw("货"), draw("\\u{10ffff}")];
        }"""
    )

    assert len(set(widths)) == 3
