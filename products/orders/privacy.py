"""What orders hold of a person: the buyer on the order, who received it, the files that brought it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.channels.models import Channel
from products.orders import staging, suppressing
from products.orders.merge.statements import lock
from products.orders.models import BUYER, CONTACT, Order, OrderContact, ReplacedContact
from shopops import clock
from shopops.access.personal import mask_name, protect_email, protect_phone, reveal
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch, ImportReject, Upload
from shopops.privacy.ciphers import Ciphers
from shopops.privacy.registry import LookUp, Mark, PersonData, Row, Run, Subject
from shopops.privacy.suppression import order_mark

CIPHERS = [
    Ciphers("products_ordercontact", ("name", "phone", "email", "address"), key="order_id"),
    Ciphers("products_replacedcontact", ("content",), inside=("name", "phone", "email", "address")),
    staging.ciphers,
]
PERSONAL_COLUMNS = [("products_order", BUYER), ("products_ordercontact", CONTACT)]
_CUSTOMERS: Final = "customers_customer"  # of the floor above; an order's one upward key
_NOT_DECIDED: Final = ("waiting", "checking", "checked", "importing", "interrupted")
AT_MOST: Final = 50  # candidates of one look-up
MATCHED: Final = 20_000  # values hashed at a time


def hold_imports() -> None:
    """Let no import merge until this transaction ends."""
    for pk in Channel.objects.order_by("pk").values_list("pk", flat=True):
        lock(pk)


def gather(subject: Subject) -> None:
    """Add a buyer's orders, the buyers of orders, and rows of the same number that were deleted."""
    orders = Order.objects.filter(customer__in=subject.ids(_CUSTOMERS)) if subject.ids(_CUSTOMERS) else None
    if orders is not None:
        subject.add(Order, orders.values_list("pk", flat=True))
    own = Order.objects.filter(pk__in=subject.ids(Order))
    subject.add(_CUSTOMERS, own.filter(customer__isnull=False).values_list("customer_id", flat=True))
    subject.add(OrderContact, subject.ids(Order))
    with connection.cursor() as cursor:
        cursor.execute(_DELETED, [[number for _channel, number in _numbers(subject)]])
        former = [pk for (pk,) in cursor.fetchall()]
    # Of orders that are gone the history is all there is; they are no rows of ours to change.
    subject.add(Order, former)


_DELETED: Final = """
    SELECT row_id FROM shopops_change
    WHERE table_name = 'products_order' AND op = 'delete' AND changes ->> 'number' = ANY(%s)
"""


def _numbers(subject: Subject) -> list[tuple[str, str]]:
    """Return (channel's code, order number) of the person's orders."""
    return list(Order.objects.filter(pk__in=subject.ids(Order)).order_by("pk").values_list("channel__code", "number"))


# --- orders: the buyer's name and words


def _count_orders(subject: Subject) -> int:
    return Order.objects.filter(pk__in=subject.ids(Order)).count()


def _copy_orders(subject: Subject) -> Iterator[Row]:
    rows = Order.objects.filter(pk__in=subject.ids(Order)).select_related("channel").order_by("created_at", "pk")
    for order in rows.iterator(chunk_size=1000):
        yield {
            _("Order"): order.number,
            _("Channel"): order.channel.title,
            _("Ordered at"): order.created_at,
            _("State"): order.get_state_display(),
            _("Paid"): order.paid,
            _("Refunded"): order.refunded,
            _("Buyer"): order.buyer,
            _("Buyer's message"): order.message,
            _("Memo"): order.memo,
            _("Store's note"): order.note,
            _("Province"): order.province,
            _("City"): order.city,
            _("District"): order.district,
        }


def _erase_orders(subject: Subject, run: Run) -> int:
    """Leave the orders without buyer, message, memo and note; province, city and district stay, figures are made of them."""
    Order.objects.filter(pk__in=subject.ids(Order)).update(**dict.fromkeys(BUYER, ""), updated_at=run.at)
    _forget_previews([number for _channel, number in _numbers(subject)])
    return _count_orders(subject)


def _forget_previews(numbers: list[str]) -> None:
    """Take the orders out of what imports kept of their previews."""
    with connection.cursor() as cursor:
        cursor.execute(_PREVIEWS, {"numbers": numbers})


_PREVIEWS: Final = """
    UPDATE shopops_importbatch b SET reading = jsonb_set(b.reading, '{preview,changes}', (
        SELECT coalesce(jsonb_agg(c.row ORDER BY c.place) FILTER (WHERE NOT c.row ->> 0 = ANY(%(numbers)s)), '[]')
        FROM jsonb_array_elements(b.reading #> '{preview,changes}') WITH ORDINALITY AS c (row, place)
    ))
    WHERE jsonb_typeof(b.reading #> '{preview,changes}') = 'array' AND EXISTS (
        SELECT FROM jsonb_array_elements(b.reading #> '{preview,changes}') c WHERE c ->> 0 = ANY(%(numbers)s)
    )
"""


def _mark_orders(subject: Subject) -> Iterator[Mark]:
    for code, number in _numbers(subject):
        yield order_mark(code, number)


# --- who received them


def _count_contacts(subject: Subject) -> int:
    ids = subject.ids(Order)
    return OrderContact.objects.filter(pk__in=ids).count() + ReplacedContact.objects.filter(order_id__in=ids).count()


def _copy_contacts(subject: Subject) -> Iterator[Row]:
    rows = OrderContact.objects.filter(pk__in=subject.ids(Order)).select_related("order").order_by("pk")
    for contact in rows.iterator(chunk_size=1000):
        yield {
            _("Order"): contact.order.number,
            _("Receiver"): reveal(contact.name) or contact.name_mask,
            _("Phone"): reveal(contact.phone) or contact.phone_mask,
            _("E-mail"): reveal(contact.email) or contact.email_mask,
            _("Address"): reveal(contact.address),
        }


def _erase_contacts(subject: Subject, _run: Run) -> int:
    ids = subject.ids(Order)
    found = ReplacedContact.objects.filter(order_id__in=ids).delete()[0]
    return found + OrderContact.objects.filter(pk__in=ids).delete()[0]


def _mark_contacts(subject: Subject) -> Iterator[Mark]:
    """Phones and e-mails the orders went to; what other people's orders went to as well stays theirs."""
    for kind in ("phone", "email"):
        with connection.cursor() as cursor:
            cursor.execute(_OWN_DIGESTS.format(kind=kind), {"orders": subject.ids(Order)})
            for (value,) in cursor.fetchall():
                yield Mark(kind, bytes(value))


_OWN_DIGESTS: Final = """
    SELECT DISTINCT c.{kind}_digest FROM products_ordercontact c
    WHERE c.order_id = ANY(%(orders)s) AND c.{kind}_digest IS NOT NULL AND NOT EXISTS (
        SELECT FROM products_ordercontact x WHERE x.{kind}_digest = c.{kind}_digest AND x.order_id <> ALL(%(orders)s)
    )
"""


# --- the files that brought them


def _batches(subject: Subject) -> list[ImportBatch]:
    """Return the imports whose files may name the person: those of the orders' channels whose days hold an order."""
    orders = Order.objects.filter(pk__in=subject.ids(Order)).values_list("channel__code", "created_at")
    days: dict[str, list[datetime]] = {}
    for code, at in orders:
        days.setdefault(code, []).append(at)
    found = []
    for batch in ImportBatch.objects.filter(channel_code__in=days).order_by("pk"):
        first, last = batch.data_from, batch.data_through
        if first is None or last is None or any(first <= at <= last for at in days[batch.channel_code]):
            found.append(batch)
    return found


def _kept_files(subject: Subject) -> list[int]:
    ended = [batch.upload_id for batch in _batches(subject) if batch.state not in _NOT_DECIDED]
    return sorted(Upload.objects.filter(pk__in=ended).exclude(path="").values_list("pk", flat=True))


def _erase_files(subject: Subject, _run: Run) -> int:
    """Remove kept originals, and take the person out of refused rows and of files not decided about."""
    files = _kept_files(subject)
    for batch in _batches(subject):
        if batch.counts.get("refused") and ImportReject.objects.filter(batch=batch, cells__isnull=False).exists():
            suppressing.blank_rejects(batch)
        if staging.is_there(batch.pk):
            suppressed = suppressing.blank_stage(batch)
            if suppressed:
                batch.counts["suppressed"] = batch.counts.get("suppressed", 0) + suppressed
                batch.save(update_fields=["counts"])
    return uploads.remove(files)


# --- finding


def _find_number(text: str) -> Sequence[tuple[str, Subject]]:
    return _found(Order.objects.filter(number=text.strip()))


def _find_phone(text: str) -> Sequence[tuple[str, Subject]]:
    return _by_digest("phone", protect_phone(text).digest)


def _find_email(text: str) -> Sequence[tuple[str, Subject]]:
    return _by_digest("email", protect_email(text).digest)


def _by_digest(kind: str, digest: bytes | None) -> Sequence[tuple[str, Subject]]:
    if digest is None:
        return []
    return _found(Order.objects.filter(**{f"contact__{kind}_digest": digest}))


def _found(orders: Any) -> list[tuple[str, Subject]]:
    """Return a candidate for each buyer, and one for each order nobody is known for."""
    found: dict[tuple[str, int], tuple[str, Subject]] = {}
    for order in orders.select_related("channel", "contact", "customer").order_by("-created_at", "-pk")[:AT_MOST]:
        subject = Subject()
        if order.customer_id:
            key = (_CUSTOMERS, order.customer_id)
            subject.add(_CUSTOMERS, [order.customer_id])
            words = _("Customer %(name)s, who placed order %(number)s") % {
                "name": order.customer, "number": order.number,
            }  # fmt: skip
        else:
            key = ("", order.pk)
            subject.add(Order, [order.pk])
            receiver = getattr(getattr(order, "contact", None), "name_mask", "") or mask_name(order.buyer)
            words = _("Order %(number)s of %(day)s, receiver %(name)s") % {
                "number": order.number, "day": clock.store_day(order.created_at), "name": receiver,
            }  # fmt: skip
        found.setdefault(key, (words, subject))
    return list(found.values())


def find_by_marks(marks: Iterable[Mark], at: datetime, subject: Subject) -> None:
    """Add the orders that carry these marks: by number, or by phone and e-mail up to ``at``."""
    known: dict[str, set[bytes]] = {}
    for mark in marks:
        known.setdefault(str(mark.kind), set()).add(mark.digest)
    if numbers := known.get("order"):
        rows = Order.objects.order_by("pk").values_list("pk", "channel__code", "number")
        subject.add(
            Order,
            [pk for pk, code, number in rows.iterator(MATCHED) if order_mark(code, number).digest in numbers],
        )
    for kind in ("phone", "email"):
        if known.get(kind):
            of = Order.objects.filter(**{f"contact__{kind}_digest__in": sorted(known[kind])}, created_at__lte=at)
            subject.add(Order, of.filter(customer=None).values_list("pk", flat=True))


def _corrections(subject: Subject, request: int) -> list[tuple[str, str]]:
    """Return the forms by which the receivers of the newest orders are corrected."""
    orders = Order.objects.filter(pk__in=subject.ids(Order)).order_by("-created_at", "-pk")[:AT_MOST]
    return [
        (
            _("Receiver of order %(number)s") % {"number": order.number},
            f"{reverse('orders:receiver', args=[order.pk])}?request={request}",
        )
        for order in orders
    ]


CORRECT = [_corrections]
HOLD = [hold_imports]
FIND_BY_MARKS = [find_by_marks]
LOOK_UP = [
    LookUp("number", gettext_lazy("Order number"), _find_number),
    LookUp("phone", gettext_lazy("Phone, in full"), _find_phone),
    LookUp("email", gettext_lazy("E-mail, in full"), _find_email),
]
PERSON = [
    PersonData(
        "orders",
        gettext_lazy("Orders"),
        _count_orders,
        _erase_orders,
        _copy_orders,
        gather,
        _mark_orders,
        gettext_lazy("kept without the person: no buyer, message, memo, note"),
    ),
    PersonData(
        "contacts",
        gettext_lazy("Receivers of orders"),
        _count_contacts,
        _erase_contacts,
        _copy_contacts,
        None,
        _mark_contacts,
        gettext_lazy("deleted"),
    ),
    PersonData(
        "files",
        gettext_lazy("Kept original files"),
        lambda subject: len(_kept_files(subject)),
        _erase_files,
        fate=gettext_lazy("deleted; what the imports brought stays"),
    ),
]
