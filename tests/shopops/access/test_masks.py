"""A mask costs no encryption and is the one that stands beside the cipher."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopops.access.fields import masked
from shopops.access.personal import mask_email, mask_number, protect_email, protect_phone

DIGITS = st.text("0123456789", min_size=4, max_size=20)


@given(
    st.one_of(
        DIGITS, DIGITS.map("+{}".format), DIGITS.map("86{}".format), st.from_regex(r"1[0-9 -]{6,14}", fullmatch=True)
    )
)
def test_a_number_is_masked_as_it_would_be_kept(text):
    assert mask_number(text) == protect_phone(text).mask


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("13812346027", "138****6027"),
        ("+86 138 1234 6027", "138****6027"),
        ("138****6027", "138****6027"),
        ("021-5566", "****5566"),
    ],
)
def test_numbers_as_people_write_them(text, mask):
    assert mask_number(text) == mask


@given(st.emails())
def test_an_address_is_masked_as_it_would_be_kept(text):
    assert mask_email(text) == protect_email(text).mask


@pytest.mark.parametrize(
    ("value", "mask"),
    [
        ("tb13812346027", "t***"),
        ("电话13812346027", "电**"),
        ("13812346027", "138****6027"),
        ("lin@example.cn", "l***@example.cn"),
    ],
)
def test_what_is_no_number_is_masked_as_a_name(value, mask):
    assert masked(value) == mask
