from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.catalogue.models import ChannelItem, Sku
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table


class ItemTable(Table):
    code = Column(gettext_lazy("Code in the channel"), reads=("code",), link=True, fixed=True, phone=1, code=True)
    title = Column(gettext_lazy("Title"), reads=("title",), phone=3)
    channel = Column(gettext_lazy("Channel"), field="channel.title")
    sku = Column(gettext_lazy("SKU"), reads=("sku.code",), phone=2, code=True)
    kind = Column(gettext_lazy("Kind"), reads=("is_goods",), hidden=True)

    def url(self, row: ChannelItem) -> str:
        return reverse("catalogue:item", args=[row.pk])

    def show_code(self, row: ChannelItem) -> Cell:
        return Cell(self.file_code(row.code), href=self.url(row))

    def file_code(self, code: str) -> str:
        return _("(no code)") if code.startswith("~") else code

    def show_title(self, row: ChannelItem) -> Cell:
        return Cell(self.file_title(row.title), css="so-wide")

    def file_title(self, title: str) -> str:
        return title or formats.ABSENT

    def show_sku(self, row: ChannelItem) -> Cell:
        if row.sku is not None:
            return Cell(row.sku.code)
        return Cell(self.file_sku(None), tone="warn" if row.is_goods else "quiet")

    def file_sku(self, code: str | None) -> str:
        return _("not mapped") if code is None else code

    def show_kind(self, row: ChannelItem) -> str:
        return self.file_kind(row.is_goods)

    def file_kind(self, is_goods: bool) -> str:  # noqa: FBT001 - as it is read
        return _("Goods") if is_goods else _("Charge")


class SkuTable(Table):
    code = Column(gettext_lazy("SKU"), link=True, fixed=True, phone=1, code=True)
    title = Column(gettext_lazy("Title"), phone=3)
    product = Column(gettext_lazy("Style"), field="product.code", code=True)
    category = Column(gettext_lazy("Category"), field="product.category")
    season = Column(gettext_lazy("Season"), field="product.season")
    colour = Column(gettext_lazy("Colour"), code=True)
    size = Column(gettext_lazy("Size"), phone=2, code=True)

    def url(self, row: Sku) -> str:
        return reverse("catalogue:sku", args=[row.pk])
