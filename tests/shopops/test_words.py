"""Sentences that are written down once and read in every language."""

import json

from django.utils import translation
from django.utils.translation import gettext_lazy

from shopops import words
from shopops.words import sentence as _

ROW = "Row %(row)s"
ORDERS = "Orders"


def test_a_sentence_is_a_text_in_the_language_of_now():
    with translation.override("zh-hans"):
        assert _(ROW) % {"row": 3} == "第 3 行"
    with translation.override("en"):
        assert _(ROW) % {"row": 3} == "Row 3"


def test_it_is_kept_in_each_language_and_read_in_the_readers():
    with translation.override("zh-hans"):
        kept = json.loads(json.dumps(words.written(_(ROW) % {"row": 3})))

    assert kept == {"message": "第 3 行", "said": {"zh-hans": "第 3 行", "en": "Row 3"}}
    with translation.override("en"):
        assert words.as_read(kept | {"code": "x"}) == {"message": "Row 3", "code": "x"}


def test_parts_that_are_words_themselves_are_said_again_too():
    with translation.override("zh-hans"):
        lazy = words.in_each_language(_("Column “%(column)s”") % {"column": gettext_lazy(ORDERS)})
        inner = words.in_each_language(_("Column “%(column)s”") % {"column": _(ROW) % {"row": 1}})

    assert lazy == {"zh-hans": "列「订单」", "en": "Column “Orders”"}
    assert inner == {"zh-hans": "列「第 1 行」", "en": "Column “Row 1”"}


def test_what_is_no_sentence_is_read_as_it_was_written():
    assert words.written("as it is") == {"message": "as it is", "said": {}}
    assert words.as_read({"message": "as it is"}) == {"message": "as it is"}
    with translation.override("fr"):
        assert words.read("written", {"en": "said"}) == "written"


def test_a_list_is_written_as_its_language_writes_lists():
    with translation.override("en"):
        assert (words.listed(["a", "b"]), words.listed_apart(["a, b", "c"])) == ("a, b", "a, b; c")
    with translation.override("zh-hans"):
        assert (words.listed(["a", "b"]), words.listed_apart(["a、b", "c"])) == ("a、b", "a、b；c")
