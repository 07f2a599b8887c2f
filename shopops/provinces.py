"""Chinese provinces by their full official names, so that one province is one key in every figure."""

import unicodedata
from functools import lru_cache
from typing import Final

_PROVINCES: Final = "河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾"
_FULL: Final[dict[str, str]] = {
    **{short: f"{short}省" for short in _PROVINCES.split()},
    **{short: f"{short}市" for short in ("北京", "上海", "天津", "重庆")},
    "内蒙古": "内蒙古自治区",
    "内蒙": "内蒙古自治区",
    "广西": "广西壮族自治区",
    "西藏": "西藏自治区",
    "宁夏": "宁夏回族自治区",
    "新疆": "新疆维吾尔自治区",
    "香港": "香港特别行政区",
    "澳门": "澳门特别行政区",
}
FULL_NAMES: Final = frozenset(_FULL.values())


@lru_cache(maxsize=4096)
def full_name(text: str) -> str:
    """Return the full official name of the Chinese province ``text`` names: 上海 → 上海市, 广东 → 广东省.

    Anything else (another country's state, an English name, nothing) comes back as it is but
    without blanks at its ends.
    """
    given = text.strip()
    name = "".join(unicodedata.normalize("NFKC", given).split())
    if name in FULL_NAMES:
        return name
    return _FULL.get(name.removesuffix("省").removesuffix("自治区"), given)
