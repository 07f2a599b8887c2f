"""How a text message is put together and counted (handbook 3 §5.1)."""

from decimal import Decimal

import pytest
from hypothesis import example
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.messages import sms
from customers.messages.sms import OPT_OUT, Encoding, Route, sms_compose, sms_cost, sms_segments
from tests.handbook import cases

# The basic table of GSM 03.38 by its sixteens, written from the table itself; 0x1B is the escape.
TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå", "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ", " !\"#¤%&'()*+,-./", "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO", "PQRSTUVWXYZÄÖÑÜ§", "¿abcdefghijklmno", "pqrstuvwxyzäöñüà",
)  # fmt: skip


@pytest.mark.parametrize(*cases("sms_segments"))
def test_a_text_is_charged_by_the_part(given, expected):
    size = sms_segments(given["text"], Route(given["mode"]))

    assert {"encoding": size.encoding.value, "units": size.units, "segments": size.segments} == expected


@pytest.mark.parametrize(*cases("sms_compose"))
def test_a_text_has_its_signature_its_variables_and_the_way_out(given, expected):
    made = sms_compose(given["template"], given["vars"], signature=given["signature"], is_marketing=given["marketing"])

    if made.size is None:
        assert {"errors": [str(fault) for fault in made.faults]} == expected
        assert made.text == ""
        return
    cost = sms_cost(made.size.segments * given["recipients"], Decimal(given["price"]))
    told = {"text": made.text, "units": made.size.units, "segments": made.size.segments, "cost": str(cost)}
    assert told == expected


def test_the_table_of_seven_bits_is_whole():
    assert set("".join(TABLE)) - {"\x1b"} == sms._GSM
    assert all(len(row) == 16 for row in TABLE)
    assert len(sms._GSM) == 127


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("a" * 152 + "€" + "a" * 152, 306, 3),  # 153 and 153 would hold it, the pair in the middle does not part
        ("a" * 151 + "€" + "a" * 153, 306, 2),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),
        ("a" * 153 * 2 + "a", 307, 3),
    ],
)
def test_an_escaped_character_is_never_parted(text, units, segments):
    assert sms_segments(text, Route.INTERNATIONAL) == (Encoding.GSM_7, units, segments)


def test_an_escape_of_the_text_itself_is_outside_of_the_alphabet():
    assert sms_segments("\x1b", Route.INTERNATIONAL).encoding == Encoding.UCS_2
    assert sms_segments("ç", Route.INTERNATIONAL).encoding == Encoding.UCS_2
    assert sms_segments("Ç", Route.INTERNATIONAL).encoding == Encoding.GSM_7


def least_parts(widths, limit):
    """Return the fewest parts of at most ``limit`` that hold the widths in order: every way of cutting is tried."""
    best = [0] + [len(widths)] * len(widths)
    for end in range(1, len(widths) + 1):
        used = 0
        for begin in range(end, 0, -1):
            used += widths[begin - 1]
            if used > limit:
                break
            best[end] = min(best[end], best[begin - 1] + 1)
    return best[-1]


@for_all(some.text(some.sampled_from("a€{é"), max_size=500))
@example("a" * 152 + "€" + "a" * 152)
def test_packing_takes_the_fewest_parts_that_part_no_pair(text):
    widths = [2 if char in "€{" else 1 for char in text]

    size = sms_segments(text, Route.INTERNATIONAL)

    assert size.units == sum(widths)
    assert size.segments == (1 if sum(widths) <= 160 else least_parts(widths, 153))


@for_all(some.text(some.characters(codec="utf-8"), max_size=300))
def test_utf_16_is_counted_as_it_is_sent(text):
    size = sms_segments("春" + text, Route.INTERNATIONAL)

    assert size.units == len(("春" + text).encode("utf-16-be")) // 2
    assert size.segments >= -(-size.units // 70)


@for_all(some.text(max_size=400), some.sampled_from(Route))
def test_a_longer_text_never_has_fewer_parts(text, route):
    assert sms_segments(text + "春", route).segments >= sms_segments(text, route).segments >= 1


def compose(template, values=None, **options):
    return sms_compose(template, values or {}, **{"signature": "青禾服饰", "is_marketing": True} | options)


def test_a_service_message_has_no_way_out_and_a_template_that_has_one_gets_no_second():
    assert compose("已发货", is_marketing=False).text == "【青禾服饰】已发货"
    assert compose(f"八折，{OPT_OUT}").text == f"【青禾服饰】八折，{OPT_OUT}"


def test_who_has_no_name_is_addressed_by_the_fallback():
    for values in ({}, {"name": ""}, {"name": "  "}):
        assert compose("${name}您好，", values, fallbacks={"name": "顾客"}).text == f"【青禾服饰】顾客您好，{OPT_OUT}"
    assert [str(fault) for fault in compose("${name}您好", {"name": ""}).faults] == ["var_length:name"]


def test_a_name_that_looks_like_a_variable_stays_a_name():
    made = compose("${name}：${code}", {"name": "${code}", "code": "A1"})

    assert made.text == f"【青禾服饰】${{code}}：A1{OPT_OUT}"


def test_line_breaks_in_a_value_do_not_reach_the_text():
    assert compose("${name}好", {"name": "林\r\n女士"}).text == f"【青禾服饰】林 女士好{OPT_OUT}"


@pytest.mark.parametrize(
    ("template", "values", "options", "faults"),
    [
        ("好", {}, {"signature": "青禾服饰青禾服饰青禾服饰"}, []),
        ("好", {}, {"signature": "青禾服饰青禾服饰青禾服饰饰"}, ["signature_length"]),
        ("【奖】好", {}, {}, ["bracket"]),
        ("${name}好", {"name": "林" * 35}, {}, []),
        ("${name}好", {"name": "林" * 36}, {}, ["var_length:name"]),
        ("${name}好", {"name": "林😀"}, {}, ["emoji"]),
        ("好", {"name": "【" * 99}, {}, []),  # not in the template
        ("𠮷女士★好", {}, {}, []),  # a rare character and a sign are no emoji
        ("好\u2b50", {}, {}, ["emoji"]),
    ],
)
def test_what_is_refused(template, values, options, faults):
    assert [str(fault) for fault in compose(template, values, **options).faults] == faults


@for_all(some.dictionaries(some.sampled_from(["name", "code"]), some.text(max_size=40)), some.booleans())
def test_what_is_composed_can_be_sent(values, is_marketing):
    made = compose("${name}，${code}", values, is_marketing=is_marketing)

    if made.size is None:
        assert made.faults
        return
    assert made.text.startswith("【青禾服饰】")
    assert made.text.endswith(OPT_OUT) or not is_marketing
    assert made.text.count("【") == made.text.count("】") == 1
    assert "\n" not in made.text
