"""Which replies withdraw consent, and who needs a guardian's (handbook 3 §5)."""

from datetime import date

import pytest

from customers.consent.ages import is_minor
from customers.consent.replies import opt_out_reply
from tests.handbook import cases


@pytest.mark.parametrize(*cases("opt_out_reply"))
def test_a_reply_is_an_opt_out_when_it_is_one_of_the_words_alone(given, expected):
    assert opt_out_reply(given["text"]) is expected["opt_out"]


@pytest.mark.parametrize("word", ["R", "T", "TD", "N", "退订", "拒收"])
@pytest.mark.parametrize("spelled", ["{}", " {}\n", "\u3000{}\u3000"])
def test_every_word_counts_in_any_width_and_case(word, spelled):
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isascii() else char for char in word)

    for text in (word, word.lower(), wide):
        assert opt_out_reply(spelled.format(text))


@pytest.mark.parametrize("text", ["", "谢谢", "不退订", "RT", "R R", "好的，退订", "T恤有吗"])
def test_anything_else_goes_to_customer_service(text):
    assert not opt_out_reply(text)


@pytest.mark.parametrize(
    ("born", "on", "minor"),
    [
        (date(2012, 3, 11), date(2026, 3, 10), True),
        (date(2012, 3, 10), date(2026, 3, 10), False),
        (date(2012, 2, 29), date(2026, 2, 27), True),
        (date(2012, 2, 29), date(2026, 2, 28), False),
        (None, date(2026, 3, 10), False),
    ],
)
def test_who_is_under_fourteen_needs_a_guardian(born, on, minor):
    assert is_minor(born, on=on) is minor
