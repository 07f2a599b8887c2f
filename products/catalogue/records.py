from typing import TYPE_CHECKING

from products.catalogue import services
from products.catalogue.models import ChannelItem, Product, Sku
from shopops.ui.records import RecordKind
from shopops.ui.restoring import Setter

if TYPE_CHECKING:
    from shopops.accounts.models import User


def _map(pk: int, _column: str, value: int | None, *, version: int, by: "User") -> None:
    sku = Sku.objects.filter(pk=value).first() if value is not None else None
    services.map_item(pk, sku.code if sku else "", version=version, by=by)


RECORDS = [
    RecordKind(ChannelItem, "catalogue:item", "catalogue.view"),
    RecordKind(Sku, "catalogue:sku", "catalogue.view"),
    # Styles have no page of their own yet: the list of SKUs shows them.
    RecordKind(Product, "catalogue:skus", "catalogue.view", lambda _user: Product.objects.all(), url_kwarg=""),
]
SETTERS = [Setter(ChannelItem, ("sku_id",), "catalogue.change", _map)]
