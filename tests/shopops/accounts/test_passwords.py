"""What a password may be: long; not common, not a name of the store; nothing else is asked."""

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tests.shopops.accounts.conftest import PASSWORD


def reasons(password, user):
    try:
        validate_password(password, user)
    except ValidationError as error:
        return error.messages
    return []


@pytest.mark.parametrize(
    "password",
    [
        "four words about spring",
        "春天里的四个很好的词语组成的句子",  # any script
        "all lower case letters",  # no composition asked for
        "1928374655647382910",
        "correct-horse-battery-staple",
        "  spaces at both ends  ",
        "x" * 60 + "yzab" * 17,  # 128
    ],
)
def test_a_long_password_is_taken(make_user, password):
    assert reasons(password, make_user("manager", username="lin")) == []


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "at least 12"),
        ("x" * 60 + "yzab" * 17 + "!", "at most 128"),
        ("passwordpassword", "stolen"),
        ("Password2026!", "stolen"),
        ("123456123456", "stolen"),
        ("1q2w3e4r5t6y", "stolen"),
        ("qwertyuiop123456", "stolen"),
        ("aaaaaaaaaaaaaa", "stolen"),
        ("shopops-2026!", "Names"),
        ("青禾服饰旗舰店123456", "Names"),
        ("marketing2026", "Names"),
        ("客户服务部客户服务部26", "Names"),
        ("linqingyuan12", "Names"),
        ("lin-qing-yuan@1", "similar"),
    ],
)
def test_a_weak_one_is_refused_with_its_reason(make_user, password, why):
    user = make_user("manager", username="linqingyuan", full_name="Lin Qingyuan")
    user.email = "lin-qing-yuan@example.com"

    assert any(why in reason for reason in reasons(password, user)), reasons(password, user)


def test_passwords_are_hashed_by_argon2():
    assert identify_hasher(make_password(PASSWORD)).algorithm == "argon2"


def test_the_form_of_a_new_password_welcomes_managers_of_passwords(db, make_user, client):
    from shopops.accounts import invitations

    page = client.get(invitations.link_for(make_user("manager")).partition("8000")[2]).content.decode()

    assert 'autocomplete="new-password"' in page
    assert "onpaste" not in page
    assert 'maxlength="128"' in page
