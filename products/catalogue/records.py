from products.catalogue.models import ChannelItem, Product, Sku
from shopops.ui.records import RecordKind

RECORDS = [
    RecordKind(ChannelItem, "catalogue:item", "catalogue.view"),
    RecordKind(Sku, "catalogue:sku", "catalogue.view"),
    # Styles have no page of their own yet: the list of SKUs shows them.
    RecordKind(Product, "catalogue:skus", "catalogue.view", lambda _user: Product.objects.all(), url_kwarg=""),
]
