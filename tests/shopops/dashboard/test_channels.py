"""The dashboard's choice of channels has room for what tells the shops apart, no more."""

import pytest

from shopops.dashboard.views import _short_names


@pytest.mark.parametrize(
    ("titles", "short"),
    [
        (["青禾（天猫）", "青禾（京东）", "官网"], ["天猫", "京东", "官网"]),
        (["一店（天猫）", "二店（天猫）"], ["一店（天猫）", "二店（天猫）"]),
        (["Shop (US)"], ["US"]),
    ],
)
def test_a_channel_is_called_by_what_only_it_has_in_brackets(titles, short):
    assert list(_short_names(titles).values()) == short
