"""What the store knows a buyer by: name and platform identities. Erased, an empty shell stays, so that counts stay."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.identity.models import Customer, Identity, Merge
from shopops.privacy.registry import LookUp, Mark, PersonData, Row, Run, Subject
from shopops.privacy.suppression import identity_mark

PERSONAL_COLUMNS = [
    ("customers_customer", ("name",)),
    ("customers_identity", ("key", "label")),
    ("customers_merge", ("reason",)),
]
AT_MOST: Final = 50
MATCHED: Final = 20_000
_EMAIL: Final = "email:"


def _gather(subject: Subject) -> None:
    """Add whom they were merged with, either way, and what they are known by."""
    ids = subject.ids(Customer)
    merged = Customer.objects.filter(Q(merged_into__in=ids) | Q(merged__in=ids))
    subject.add(Customer, merged.values_list("pk", flat=True))
    ids = subject.ids(Customer)
    subject.add(Identity, Identity.objects.filter(customer__in=ids).values_list("pk", flat=True))
    merges = Merge.objects.filter(Q(kept__in=ids) | Q(gone__in=ids))
    subject.add(Merge, merges.values_list("pk", flat=True))


def _count(subject: Subject) -> int:
    return len(subject.ids(Customer)) + len(subject.ids(Identity))


def _copy(subject: Subject) -> Iterator[Row]:
    for identity in Identity.objects.filter(pk__in=subject.ids(Identity)).select_related("customer").order_by("pk"):
        yield {
            _("Customer"): f"#{identity.customer_id}",
            _("Name"): identity.customer.name,
            _("Platform or shop"): identity.scope,
            _("known as"): identity.label,
        }


def _erase(subject: Subject, run: Run) -> int:
    Merge.objects.filter(pk__in=subject.ids(Merge)).exclude(reason="").update(reason="")
    found = Identity.objects.filter(pk__in=subject.ids(Identity)).delete()[0]
    shells = Customer.objects.filter(pk__in=subject.ids(Customer), erased_at=None)
    return found + shells.update(name="", erased_at=run.at, updated_at=run.at)


def _marks(subject: Subject) -> Iterator[Mark]:
    for scope, key in Identity.objects.filter(pk__in=subject.ids(Identity)).values_list("scope", "key"):
        yield identity_mark(scope, key)
        if key.startswith(_EMAIL):
            yield Mark("email", bytes.fromhex(key.removeprefix(_EMAIL)))


def find_by_marks(marks: Iterable[Mark], at: datetime, subject: Subject) -> None:
    """Add the persons known by these marks who were there at ``at``."""
    known = {mark.digest for mark in marks if mark.kind == "identity"}
    if known:
        rows = Identity.objects.filter(customer__created_at__lte=at).values_list("customer_id", "scope", "key")
        subject.add(
            Customer,
            [pk for pk, scope, key in rows.iterator(MATCHED) if identity_mark(scope, key).digest in known],
        )


def _find(text: str) -> Sequence[tuple[str, Subject]]:
    """Find by the name or number a platform knows the person by, in full."""
    plain = text.strip()
    named = Identity.objects.filter(Q(key=f"id:{plain}") | Q(label=plain)).select_related("customer")
    found: dict[int, tuple[str, Subject]] = {}
    for identity in named.order_by("pk")[:AT_MOST]:
        subject = Subject()
        subject.add(Customer, [identity.customer_id])
        words = _("Customer %(name)s, known on %(place)s") % {"name": identity.customer, "place": identity.scope}
        found.setdefault(identity.customer_id, (words, subject))
    return list(found.values())


FIND_BY_MARKS = [find_by_marks]
LOOK_UP = [LookUp("identity", gettext_lazy("Name on the platform, in full"), _find)]
PERSON = [
    PersonData(
        "identity",
        gettext_lazy("Customer and names on platforms"),
        _count,
        _erase,
        _copy,
        _gather,
        _marks,
        gettext_lazy("deleted; an empty number stays, so that counts of buyers stay"),
    )
]
