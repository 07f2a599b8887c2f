import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from products.catalogue.codes import EmptyCode, ean13, is_ean13, is_own_range, sku_code
from tests.handbook import cases


@pytest.mark.parametrize(*cases("sku_code"))
def test_a_code_has_one_normal_form(given, expected):
    if "error" in expected:
        with pytest.raises(EmptyCode):
            sku_code(given["code"])
    else:
        assert sku_code(given["code"]) == expected["code"]


@for_all(some.text(min_size=1, max_size=20))
def test_the_normal_form_of_a_normal_form_is_itself(text):
    try:
        code = sku_code(text)
    except EmptyCode:
        return

    assert sku_code(code) == code
    assert sku_code(f" {text}\u200b\t") == code
    assert not any(char.isspace() for char in code)


@pytest.mark.parametrize("text", ["", " ", "\t\u3000", "\ufeff", "\u3164"])
def test_a_code_nobody_can_see_is_refused(text):
    with pytest.raises(EmptyCode):
        sku_code(text)


@pytest.mark.parametrize(*cases("ean13"))
def test_barcodes_end_in_their_check_digit(given, expected):
    if "digits12" in given:
        found = {"barcode": ean13(given["digits12"])}
    else:
        found = {"valid": is_ean13(given["barcode"]), "own_range": is_own_range(given["barcode"])}

    assert found == expected


@for_all(some.from_regex(r"[0-9]{12}", fullmatch=True), some.integers(0, 12), some.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits, place, off):
    barcode = ean13(digits)
    wrong = f"{barcode[:place]}{(int(barcode[place]) + off) % 10}{barcode[place + 1 :]}"

    assert is_ean13(barcode)
    assert not is_ean13(wrong)


@pytest.mark.parametrize("text", ["", "690123456789", "69012345678921", "690123456789X", "６９０１２３４５６７８９２"])
def test_what_is_not_13_digits_is_no_barcode(text):
    assert not is_ean13(text)
