"""Versions in the API: an entity tag out, ``If-Match`` or the field ``version`` in, 409 with both values when stale."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request

from shopops.history.versions import Conflict


class VersionMissing(APIException):
    """A write that does not say what it was read at (428)."""

    status_code = 428

    def __init__(self) -> None:
        super().__init__(_("Say which version you read: the header If-Match, or the field “version”."))


def etag(version: int) -> str:
    return f'"{version}"'


def sent_version(request: Request) -> int:
    """Return the version a write was read at. Raises VersionMissing, or ValidationError for one that cannot be."""
    given = request.headers.get("If-Match", "").removeprefix("W/").strip().strip('"')
    if not given and isinstance(request.data, dict):
        given = request.data.get("version", "")
    if given in ("", None):
        raise VersionMissing
    if isinstance(given, bool) or not (str(given).isascii() and str(given).isdigit() and len(str(given)) < 19):
        raise ValidationError({"version": [_("Not a version.")]})
    return int(given)


def told(conflict: Conflict) -> dict[str, Any]:
    """Return what the API says of a conflict besides its sentence: the present version, and each field's values."""
    return {
        "version": conflict.version,
        "conflicts": [
            {
                "field": clash.field,
                "before": _plain(clash.before),
                "now": _plain(clash.theirs),
                "yours": _plain(clash.mine),
                "changed_by": str(clash.actor) if clash.actor else "",
                "changed_at": clash.at.isoformat(),
            }
            for clash in conflict.clashes
        ],
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | list | None) else str(value)
