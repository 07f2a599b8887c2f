"""Two persons found to be one, and the way back: afterwards the store's content is what it was before."""

from typing import TYPE_CHECKING, Final

from django.db import connection
from django.utils.translation import gettext as _

from customers.identity.models import Customer, Identity, Merge
from products.orders.models import Order
from shopops import clock
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.history.versions import checked
from shopops.topics import registered

if TYPE_CHECKING:
    from shopops.accounts.models import User


class CannotMerge(Refused):
    """The two cannot be made one, or not taken apart; the sentence says why."""


def merge(
    kept: Customer, gone: Customer, *, by: "User", reason: str = "", versions: tuple[int, int] | None = None
) -> Merge:
    """Make two persons one: names, orders and sums of ``gone`` become ``kept``'s.

    Raises CannotMerge, and Conflict where one of them changed since ``versions`` (of kept and gone; None: unseen).
    """
    if kept.pk == gone.pk:
        raise CannotMerge(_("Choose two different customers."))
    with acting(by):
        kept, gone = _locked(kept.pk, gone.pk)
        if kept.merged_into_id or gone.merged_into_id:
            raise CannotMerge(_("One of them is part of another customer already."))
        for person, version in zip((kept, gone), versions or (), strict=False):
            checked(person, version)
        identities = list(Identity.objects.filter(customer=gone).values_list("pk", flat=True))
        orders = list(Order.objects.filter(customer=gone).values_list("pk", flat=True))
        _mark_days([kept.pk, gone.pk])
        Identity.objects.filter(pk__in=identities).update(customer=kept)
        Order.objects.filter(pk__in=orders).update(customer=kept)
        gone.merged_into = kept
        gone.save(update_fields=["merged_into", "updated_at"])
        made = Merge.objects.create(
            kept=kept,
            gone=gone,
            moved={"identities": identities, "orders": orders},
            reason=reason[:200],
            created_by=by,
            created_at=clock.now(),
        )
        _follow([kept.pk, gone.pk])
    return made


def unmerge(merged: Merge, *, by: "User") -> None:
    """Take a merge back: what came with ``gone``, and what came under its names since, is its own again.

    Raises CannotMerge.
    """
    with acting(by):
        merged = Merge.objects.select_for_update().get(pk=merged.pk)
        kept, gone = _locked(merged.kept_id, merged.gone_id)
        if merged.undone_at is not None:
            raise CannotMerge(_("This merge was undone already."))
        if kept.merged_into_id:
            raise CannotMerge(_("The customer was merged again since. Undo that merge first."))
        identities = Identity.objects.filter(pk__in=merged.moved["identities"], customer=kept)
        orders = {*merged.moved["orders"], *_orders_named(list(identities.values_list("pk", flat=True)))}
        identities.update(customer=gone)
        Order.objects.filter(pk__in=orders, customer=kept).update(customer=gone)
        gone.merged_into = None
        gone.save(update_fields=["merged_into", "updated_at"])
        merged.undone_at = clock.now()
        merged.save(update_fields=["undone_at"])
        _mark_days([kept.pk, gone.pk])
        _follow([kept.pk, gone.pk])


def _locked(*ids: int) -> list[Customer]:
    found = {person.pk: person for person in Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    return [found[pk] for pk in ids]


def _orders_named(identity_ids: list[int]) -> list[int]:
    """Return the orders whose buyer's key is one of these identities."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [identity_ids])
        return [pk for (pk,) in cursor.fetchall()]


_NAMED: Final = """
    SELECT o.id FROM customers_identity i
    JOIN products_order o ON o.customer_id = i.customer_id AND o.buyer_key = i.key
    JOIN products_channel c ON c.id = o.channel_id
    WHERE i.id = ANY(%s)
      AND i.scope = CASE WHEN c.platform IN ('taobao', 'jd', 'pdd', 'douyin') THEN c.platform ELSE 'channel:' || c.code END
"""
_MARK: Final = """
    INSERT INTO products_dirtyday (channel_id, day, marked_at)
    SELECT DISTINCT o.channel_id, (t.at AT TIME ZONE %(zone)s)::date, %(now)s::timestamptz
    FROM products_order o CROSS JOIN LATERAL unnest(ARRAY[o.created_at, o.paid_at]) AS t (at)
    WHERE o.customer_id = ANY(%(ids)s) AND t.at IS NOT NULL
    ORDER BY 1, 2
    ON CONFLICT (channel_id, day) DO UPDATE SET marked_at = excluded.marked_at
"""


def _mark_days(customer_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"ids": customer_ids, "zone": clock.store_zone().key, "now": clock.now()})


def _follow(customer_ids: list[int]) -> None:
    for step in registered("steps", "AFTER_MERGE"):
        step(customer_ids)  # type: ignore[operator]  # what registers itself is typed as object
