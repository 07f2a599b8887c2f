"""Chinese addresses: province, city and district of one line of text, as far as it names them."""

import re
from typing import Final, NamedTuple

from shopops.provinces import FULL_NAMES, full_name

_DIRECT: Final = (
    "自治区直辖县级行政区划",
    "省直辖县级行政区划",
)  # in the city's place; the city stands in the district's
_CITY: Final = re.compile(r"[^市]{1,10}?(?:自治州|地区|盟|市)")
_DISTRICT: Final = re.compile(r"[^区县市旗]{1,12}?(?:区|县|市|旗)")
_SHORT: Final = ("黑龙江", "内蒙古")


class Place(NamedTuple):
    province: str | None
    city: str | None
    district: str | None


NOWHERE: Final = Place(None, None, None)


def of_parts(address: str | None) -> Place:
    """Return the place of an address whose parts are divided by blanks: ``省 市 区 …``."""
    parts = (address or "").split()
    if len(parts) < 3:
        return of_text(address)
    province, city, district = parts[:3]
    if city in _DIRECT:
        city, district = district, ""
    return Place(full_name(province)[:64], city[:64], district[:64] or None)


def of_text(address: str | None) -> Place:
    """Return the place of an address written in one piece; nothing where it does not begin with a province."""
    rest = (address or "").replace(" ", "")
    begins = next((name for name in (*FULL_NAMES, *_SHORT) if rest.startswith(name)), None)
    if begins is None:
        begins = rest[:2] if full_name(rest[:2]) in FULL_NAMES else None
    if begins is None:
        return NOWHERE
    province = full_name(begins)
    rest = rest[len(begins) :]
    if province.endswith("市") and not rest.startswith(province):
        city = province
    else:
        match = _CITY.match(rest)
        city = match[0] if match else ""
        rest = rest[len(city) :]
    match = _DISTRICT.match(rest)
    return Place(province, city or None, match[0] if match else None)
