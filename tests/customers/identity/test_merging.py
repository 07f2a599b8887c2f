"""Two persons become one and two again; afterwards the store's content is what it was."""

from collections.abc import Callable

import pytest

from analytics.quality.fingerprint import fingerprint
from customers.identity import services
from customers.identity.models import Customer, Identity
from customers.value.models import CustomerValue
from products.sales.models import DirtyDay
from tests.factories.orders import make_channel
from tests.factories.staged import merge_rows

pytestmark = pytest.mark.django_db


def order(number: str, buyer: str, day: str, paid: str) -> dict[str, object]:
    at = f"{day} 10:00"
    return {
        "rec": "order", "order_number": number, "state": "paid", "buyer_id": buyer,
        "created_at": at, "paid_at": at, "paid": paid, "payable": paid,
    }  # fmt: skip


def test_a_merge_moves_names_orders_and_sums_and_an_unmerge_gives_the_former_content(make_user: Callable) -> None:
    lead = make_user("service_lead")
    tb, jd = make_channel("tb", platform="taobao"), make_channel("jd", platform="jd")
    merge_rows(tb, [order("T1", "lin", "2026-03-01", "100.00")], grain="order")
    merge_rows(jd, [order("J1", "lin", "2026-03-02", "40.00")], grain="order")
    assert Customer.objects.count() == 2  # one name on two platforms is two persons until somebody says so
    kept, gone = Customer.objects.order_by("pk")
    DirtyDay.objects.all().delete()
    merged = services.merge(kept, gone, by=lead, reason="Same parcel, same words")
    value = CustomerValue.objects.get()
    assert (value.customer_id, value.orders, value.paid) == (kept.pk, 2, 140)
    assert Identity.objects.filter(customer=kept).count() == 2
    assert {(d.channel.code, d.day.isoformat()) for d in DirtyDay.objects.all()} == {
        ("tb", "2026-03-01"),
        ("jd", "2026-03-02"),
    }
    merge_rows(jd, [order("J2", "lin", "2026-03-05", "60.00")], grain="order")  # comes under a name of the gone one
    assert CustomerValue.objects.get().orders == 3
    services.unmerge(merged, by=lead)
    assert {(v.customer_id, v.orders, v.paid) for v in CustomerValue.objects.all()} == {
        (kept.pk, 1, 100),
        (gone.pk, 2, 100),
    }


def test_an_unmerge_gives_the_former_content_hash(make_user: Callable) -> None:
    lead = make_user("service_lead")
    tb = make_channel("tb", platform="taobao")
    merge_rows(
        tb, [order("T1", "lin", "2026-03-01", "100.00"), order("T2", "mei", "2026-03-02", "40.00")], grain="order"
    )
    before = fingerprint()
    kept, gone = Customer.objects.order_by("pk")
    merged = services.merge(kept, gone, by=lead)
    assert fingerprint() != before
    services.unmerge(merged, by=lead)
    assert fingerprint() == before


def test_a_customer_is_part_of_one_other_only(make_user: Callable) -> None:
    lead = make_user("service_lead")
    tb = make_channel("tb", platform="taobao")
    merge_rows(tb, [order(f"T{n}", f"buyer{n}", "2026-03-01", "10.00") for n in range(3)], grain="order")
    a, b, c = Customer.objects.order_by("pk")
    first = services.merge(b, c, by=lead)
    with pytest.raises(services.CannotMerge, match="part of another"):
        services.merge(a, c, by=lead)
    with pytest.raises(services.CannotMerge, match="two different"):
        services.merge(a, a, by=lead)
    services.merge(a, b, by=lead)
    with pytest.raises(services.CannotMerge, match="merged again"):
        services.unmerge(first, by=lead)
