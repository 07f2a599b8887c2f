from typing import TYPE_CHECKING, Any

from products.channels import services
from products.channels.models import Channel
from shopops.ui.records import RecordKind
from shopops.ui.restoring import Setter

if TYPE_CHECKING:
    from shopops.accounts.models import User


def _set(pk: int, column: str, value: Any, *, version: int, by: "User") -> None:
    services.change(pk, version=version, by=by, **{column: value})


RECORDS = [RecordKind(Channel, "channels:channel", "channels.view")]
SETTERS = [Setter(Channel, services.FIELDS, "channels.change", _set)]
