from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.catalogue.models import ChannelItem, Sku
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table


class ItemTable(Table):
    code = Column(gettext_lazy("Code in the channel"), link=True, fixed=True, phone=1)
    title = Column(gettext_lazy("Title"), phone=3)
    channel = Column(gettext_lazy("Channel"))
    sku = Column(gettext_lazy("SKU"), phone=2)
    kind = Column(gettext_lazy("Kind"), hidden=True)

    def url(self, row: ChannelItem) -> str:
        return reverse("catalogue:item", args=[row.pk])

    def show_code(self, row: ChannelItem) -> Cell:
        return Cell(_("(no code)") if row.code.startswith("~") else row.code, href=self.url(row))

    def show_title(self, row: ChannelItem) -> Cell:
        return Cell(row.title or formats.ABSENT, css="so-wide")

    def show_sku(self, row: ChannelItem) -> Cell:
        if row.sku is not None:
            return Cell(row.sku.code)
        return Cell(_("not mapped"), tone="warn" if row.is_goods else "quiet")

    def show_kind(self, row: ChannelItem) -> str:
        return _("Goods") if row.is_goods else _("Charge")


class SkuTable(Table):
    code = Column(gettext_lazy("SKU"), link=True, fixed=True, phone=1)
    title = Column(gettext_lazy("Title"), phone=3)
    product = Column(gettext_lazy("Style"), field="product.code")
    category = Column(gettext_lazy("Category"), field="product.category")
    season = Column(gettext_lazy("Season"), field="product.season")
    colour = Column(gettext_lazy("Colour"))
    size = Column(gettext_lazy("Size"), phone=2)

    def url(self, row: Sku) -> str:
        return reverse("catalogue:sku", args=[row.pk])
