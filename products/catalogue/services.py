from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from products.catalogue.codes import EmptyCode, sku_code
from products.catalogue.models import ChannelItem, Sku
from shopops.acts.undo import undoable
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.history.versions import checked

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.acts.models import Act
    from shopops.history.models import Change

MAPPED: Final = "catalogue.map"
AT_MOST = 5000  # items one action makes SKUs of


def map_item(item_id: int, code: str, *, version: int, by: "User") -> "Act":
    """Map an item to the SKU with this code; an empty code unmaps it. It applies to past sales too.

    Returns the act, which can be undone. Raises Refused for an unknown SKU, Conflict where somebody mapped it otherwise since ``version``.
    """
    sku = _sku(code) if code.strip() else None
    with undoable(MAPPED, by=by, url=reverse("catalogue:item", args=[item_id])) as act:
        _map(item_id, sku, version)
    return act


def _map(item_id: int, sku: Sku | None, version: int) -> None:
    item = ChannelItem.objects.select_for_update().get(pk=item_id)
    if item.sku_id == (sku.pk if sku else None):
        return
    checked(item, version, values={"sku": sku})
    item.sku = sku
    item.save(update_fields=["sku", "updated_at"])


def unmap(changes: "list[Change]", by: "User") -> None:
    """Map to what it was before :func:`map_item`; the caller acts as ``by``. Raises Conflict where mapped since."""
    for change in changes:
        former = change.changes["sku_id"][0]
        _map(change.row_id, Sku.objects.get(pk=former) if former else None, change.pk)


def _sku(code: str) -> Sku:
    try:
        normal = sku_code(code)
    except EmptyCode:
        normal = ""
    found = Sku.objects.filter(code=normal).first()
    if found is None:
        raise Refused(_("There is no SKU “%(code)s”.") % {"code": code.strip()[:64]})
    return found


def create_skus(item_ids: Iterable[int], *, by: "User") -> tuple[int, int]:
    """Make SKUs from the codes of these unmapped goods items and map them; return (made, mapped).

    A code that is a SKU already is only mapped; items without a code of their own are left. Safe
    when repeated. Raises Refused for more than AT_MOST items.
    """
    ids = list(dict.fromkeys(item_ids))
    if len(ids) > AT_MOST:
        raise Refused(_("At most %(count)s items at once.") % {"count": AT_MOST})
    with acting(by):
        items = list(
            ChannelItem.objects.select_for_update(of=["self"])
            .filter(pk__in=ids, sku=None, is_goods=True)
            .exclude(code__startswith="~")
            .order_by("pk")
        )
        items = [item for item in items if len(item.code) <= 64]
        known = set(Sku.objects.filter(code__in={item.code for item in items}).values_list("code", flat=True))
        wanted = {
            item.code: Sku(code=item.code, title=item.title or item.code) for item in items if item.code not in known
        }
        Sku.objects.bulk_create(wanted.values(), ignore_conflicts=True)
        by_code = {sku.code: sku for sku in Sku.objects.filter(code__in={item.code for item in items})}
        for item in items:
            item.sku = by_code[item.code]
        ChannelItem.objects.bulk_update(items, ["sku"], batch_size=1000)
    return len(wanted), len(items)
