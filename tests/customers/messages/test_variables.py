"""Variables are a closed list, put in by name and made harmless for where they go."""

import html

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.messages.variables import (
    FALLBACKS,
    VARIABLES,
    Medium,
    escaped,
    render,
    unknown_variables,
    variables_of,
)


def test_names_are_read_once_in_their_order():
    assert variables_of("${tier} ${name} ${tier} $name {name} ${Name}") == ["tier", "name"]


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        ("${name}，您有 ${points} 积分", []),
        ("${phone}", ["phone"]),
        ("${name.__class__}", ["${name.__class__}"]),
        ("{{ name }} {% now %}", ["{{ name }}", "{% now %}"]),
        ("${name", ["${name"]),
    ],
)
def test_what_is_not_on_the_list_is_named(template, unknown):
    assert unknown_variables(template) == unknown


def test_fallbacks_belong_to_variables_of_the_list():
    assert FALLBACKS.keys() <= VARIABLES.keys()
    assert all(FALLBACKS.values())


def test_a_missing_value_is_an_error_not_a_hole():
    with pytest.raises(KeyError):
        render("${name}", {}, Medium.PLAIN)


@for_all(some.text(), some.sampled_from(Medium))
def test_a_value_is_put_in_once_and_is_nothing_but_text(value, medium):
    made = render("<a title='${name}'>${name}</a>", {"name": value}, medium)

    assert made == f"<a title='{escaped(value, medium)}'>{escaped(value, medium)}</a>"


@for_all(some.text())
def test_in_html_a_value_opens_nothing(value):
    made = escaped(value, Medium.HTML)

    assert not set(made) & set("<>\"'")
    assert html.unescape(made).replace("\r", "") == html.unescape(html.escape(value)).replace("\r", "")


@for_all(some.text(), some.sampled_from([Medium.SUBJECT, Medium.SMS]))
def test_no_value_begins_another_header(value, medium):
    assert len(escaped(f"a{value}b", medium).splitlines()) == 1
