import pytest

from shopops.provinces import FULL_NAMES, full_name


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("上海", "上海市"),
        ("上海市", "上海市"),
        ("广东", "广东省"),
        (" 广东省 ", "广东省"),
        ("内蒙古", "内蒙古自治区"),
        ("广西", "广西壮族自治区"),
        ("广西省", "广西壮族自治区"),
        ("宁夏回族自治区", "宁夏回族自治区"),
        ("新疆自治区", "新疆维吾尔自治区"),
        ("西藏", "西藏自治区"),
        ("香港", "香港特别行政区"),
        ("台湾", "台湾省"),
        ("上海\u3000市", "上海市"),
    ],
)
def test_short_and_long_names_are_one_province(text, full):
    assert full_name(text) == full


def test_there_are_34_and_each_is_its_own_full_name():
    assert len(FULL_NAMES) == 34
    assert all(full_name(name) == name for name in FULL_NAMES)


@pytest.mark.parametrize("text", ["United Kingdom", "England", "New York", "Guangdong", "杭州市", "吉林市", "省", ""])
def test_what_is_no_chinese_province_stays(text):
    assert full_name(text) == text
