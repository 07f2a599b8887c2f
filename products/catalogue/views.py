from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.catalogue import services
from products.catalogue.forms import MapForm
from products.catalogue.models import ChannelItem, Sku
from products.catalogue.tables import ItemTable, SkuTable
from products.channels.demo import LeavesDemoOut
from products.channels.models import Channel
from shopops.access.declare import StaffRequest, access, may
from shopops.access.scopes import channels_of
from shopops.errors import Refused
from shopops.history.versions import Conflict, seen
from shopops.ui.editing import bound, conflict_page
from shopops.ui.filters import Choice, Filter, Tab
from shopops.ui.pages import ListPage, RecordPage, form_page, saved


class ItemList(LeavesDemoOut, ListPage):
    """What channels sell under which code, and whether it is mapped to a SKU."""

    permission, table, template_name = "catalogue.view", ItemTable, "products/catalogue/items.html"
    picks_rows = True
    title, order = gettext_lazy("Items"), ("code", "id")
    search_label = gettext_lazy("Code, SKU or title")
    empty_title = gettext_lazy("No items yet")
    empty_text = gettext_lazy("Items appear with the first imported orders.")
    tabs = (
        Tab("", gettext_lazy("All")),
        Tab("unmapped", gettext_lazy("Not mapped"), lambda rows: rows.unmapped(), tone="warn"),
    )

    def get_queryset(self) -> QuerySet[ChannelItem]:
        return ChannelItem.objects.visible_to(self.request.user).select_related("channel", "sku")

    @cached_property
    def _filters(self) -> list[Filter]:
        channels = Channel.objects.visible_to(self.request.user).for_list()
        return [
            Choice(
                "channel", _("Channel"), lookup="channel__code", choices=list(channels.values_list("code", "title"))
            ),
            *self.demo_filters(),
        ]

    def get_filters(self) -> list[Filter]:
        return self._filters

    def search(self, queryset: QuerySet[ChannelItem], text: str) -> QuerySet[ChannelItem]:
        found: QuerySet[ChannelItem] = queryset.found(text, among=channels_of(self.request.user, "catalogue.view"))
        return found

    def context(self) -> dict[str, Any]:
        return {"may_change": may(self.request.user, "catalogue.change")}


class SkuList(LeavesDemoOut, ListPage):
    permission, table = "catalogue.view", SkuTable
    picks_rows = True
    title, order = gettext_lazy("SKUs"), ("code",)
    search_label = gettext_lazy("Code or title")
    empty_title = gettext_lazy("No SKUs yet")
    empty_text = gettext_lazy("Create them from the codes your channels sell under, on the list of items.")

    def get_queryset(self) -> QuerySet[Sku]:
        return Sku.objects.visible_to(self.request.user).select_related("product")

    def get_filters(self) -> list[Filter]:
        return self.demo_filters()

    def of_demo(self, rows: QuerySet[Sku], *, is_demo: bool) -> QuerySet[Sku]:
        return rows.filter(is_demo=is_demo)

    def search(self, queryset: QuerySet[Sku], text: str) -> QuerySet[Sku]:
        found: QuerySet[Sku] = queryset.found(text)
        return found

    def context(self) -> dict[str, Any]:
        return {"empty_url": reverse("catalogue:items") + "?tab=unmapped", "empty_action": _("Items not mapped")}


class ItemPage(RecordPage):
    permission, template_name = "catalogue.view", "products/catalogue/item.html"

    def get_object(self) -> ChannelItem:
        items = ChannelItem.objects.visible_to(self.request.user).select_related("channel", "sku__product")
        item, self.version = seen(items.filter(pk=self.kwargs["pk"]))
        if item is None:
            raise Http404
        return item

    def context(self, record: ChannelItem) -> dict[str, Any]:
        return {
            "title": _("Item without a code") if record.code.startswith("~") else record.code,
            "may_change": may(self.request.user, "catalogue.change"),
            "form": _map_form(None, record, self.version),
        }


class SkuPage(RecordPage):
    permission, template_name = "catalogue.view", "products/catalogue/sku.html"

    def get_object(self) -> Sku:
        return get_object_or_404(
            Sku.objects.visible_to(self.request.user).select_related("product"), pk=self.kwargs["pk"]
        )

    def context(self, record: Sku) -> dict[str, Any]:
        return {
            "items": list(
                record.items.visible_to(self.request.user)
                .select_related("channel")
                .order_by("channel__code", "code")[:200]
            ),
            "facts": _facts(record),
        }


def _facts(sku: Sku) -> list[dict[str, Any]]:
    product = sku.product
    return [
        {"label": _("Style"), "column": "product_id", "value": str(product) if product else None, "code": True},
        {"label": _("Category"), "value": product.category or None if product else None},
        {"label": _("Season"), "value": product.season or None if product else None},
        {"label": _("Colour"), "column": "colour", "value": sku.colour or None, "code": True},
        {"label": _("Size"), "column": "size", "value": sku.size or None, "code": True},
    ]


def _map_form(data: QueryDict | None, item: ChannelItem, version: int) -> MapForm:
    return MapForm(data, initial={"sku": item.sku.code if item.sku else "", "version": version})


@access("catalogue.change", methods=("POST",))
def map_item(request: StaffRequest, pk: int) -> HttpResponse:
    """Map an item to a SKU, or unmap it."""
    item, version = seen(ChannelItem.objects.visible_to(request.user).select_related("sku").filter(pk=pk))
    if item is None:
        raise Http404
    form = bound(request, lambda data: _map_form(data, item, version))
    if form.is_valid():
        try:
            version = form.cleaned_data["version"]
            act = services.map_item(pk, form.cleaned_data["sku"], version=version, by=request.user)
        except Conflict as conflict:
            return conflict_page(request, conflict, title=str(item), back=reverse("catalogue:item", args=[pk]))
        except Refused as refusal:
            form.add_error("sku", str(refusal))
        else:
            return saved(request, _("Saved."), reverse("catalogue:item", args=[pk]), act=act)
    return form_page(request, form, title=str(item), back=reverse("catalogue:item", args=[pk]))


class CreateSkus(ItemList):
    """Make SKUs from the codes of the unmapped items the list shows, by explicit action."""

    permission: ClassVar[str] = "catalogue.change"
    http_method_names: ClassVar[list[str]] = ["post"]

    def post(self, request: StaffRequest) -> HttpResponse:
        items = (
            ChannelItem.objects.visible_to(request.user).unmapped().filter(is_goods=True).exclude(code__startswith="~")
        )
        if code := request.POST.get("channel", "")[:32].replace("\x00", ""):
            items = items.filter(channel__code=code)
        try:
            made, mapped = services.create_skus(
                items.order_by("code", "id").values_list("pk", flat=True)[: services.AT_MOST], by=request.user
            )
        except Refused as refusal:
            return saved(request, str(refusal), reverse("catalogue:items"))
        text = _("%(made)s SKUs made, %(mapped)s items mapped.") % {"made": made, "mapped": mapped}
        return saved(request, text, reverse("catalogue:items"))
