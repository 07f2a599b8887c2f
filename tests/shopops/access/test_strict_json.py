"""The API's JSON means one thing only (bad-input catalogue 84 to 87)."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from shopops.access.parsers import MAX_DEPTH, StrictJSONParser


def parsed(body):
    return StrictJSONParser().parse(io.BytesIO(body))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"memo": "a\\u0000b"}', "cannot be stored"),
        (b'{"memo": "\\ud800"}', "cannot be stored"),
        (b'{"\\u0000": 1}', "cannot be stored"),
        (b"[" * 100_000, "deeper than 32"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "deeper than 32"),
        (b'{"paid": 1, "paid": 2}', "stands twice"),
        (b'{"a": {"b": 1, "b": 1}}', "stands twice"),
        (b'{"paid": NaN}', "not valid JSON"),
        (b'{"paid": -Infinity}', "not valid JSON"),
        (b"", "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'"' + b"a" * 1_048_576 + b'"', "larger than 1 MiB"),
    ],
)
def test_doubtful_json_is_refused_with_its_reason(body, reason):
    with pytest.raises(ParseError, match=reason):
        parsed(body)


def test_the_deepest_allowed_nesting_is_read():
    assert parsed(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_brackets_inside_texts_are_no_nesting():
    assert parsed(json.dumps({"memo": '["{' * 100}).encode()) == {"memo": '["{' * 100}


plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | plain,
        lambda part: st.lists(part) | st.dictionaries(plain, part),
        max_leaves=20,
    )
)
def test_what_is_written_is_read_back(value):
    assert parsed(json.dumps(value).encode()) == value
