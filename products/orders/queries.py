from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from products.channels.models import Channel
from shopops import clock
from shopops.access.scopes import channels_of, in_channels
from shopops.history.models import Change
from shopops.search.pieces import any_of, knows_parts, one_of
from shopops.topics import registered

if TYPE_CHECKING:
    from products.orders.models import Order
    from shopops.accounts.models import User
    from shopops.exchange.models import ImportBatch

LATELY: Final = timedelta(days=14)  # how long a refused file is asked about
NEAR: Final = timedelta(hours=4)  # of the time to ship
TO_SHIP: Final = ("paid", "held", "approved", "in_wave", "packed", "partly_shipped")  # as the index order_to_ship
YEAR: Final = timedelta(days=365)  # who paid within it is a returning buyer
FOLLOWING: Final = ("refunded", "customer", "source_time", "updated_at")  # what changes without the file telling it
SUMMED_AT_MOST: Final = 100_000  # orders added up for the line above a list


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: "User") -> Self:
        return in_channels(self, user, "orders.view")

    def for_list(self) -> Self:
        """Newest first; pk makes pages stable. Served by ``order_newest``."""
        return self.select_related("channel", "contact", "customer").order_by("-created_at", "-id")

    def to_ship(self) -> Self:
        """Paid and not wholly shipped, with a deadline; served by ``order_to_ship``."""
        return self.filter(state__in=TO_SHIP, due_at__isnull=False)

    def overdue(self, now: datetime) -> Self:
        """Not shipped though the deadline is past; served by ``order_to_ship``."""
        return self.to_ship().filter(due_at__lt=now)

    def due_soon(self, now: datetime) -> Self:
        """Not shipped and due within the next hours (NEAR); served by ``order_to_ship``."""
        return self.to_ship().filter(due_at__gte=now, due_at__lte=now + NEAR)

    def noted(self, note: str = "") -> Self:
        """With something to look at (``check_lines`` …); served by ``order_noted``."""
        noted = self.exclude(notes=[])
        return noted.filter(notes__contains=[note]) if note else noted

    def flagged(self, flags: list[str]) -> Self:
        """With one of the store's own flags; served by ``order_flagged``."""
        return self.filter(flag_own=flags[0]) if len(flags) == 1 else self.filter(flag_own__in=flags)

    def with_refunds(self) -> Self:
        """Some money of which went back; served by ``order_refunded``."""
        return self.filter(refunded__gt=0)

    def of_batch(self, batch_id: int) -> Self:
        """Written last by this import; served by ``order_of_batch``."""
        return self.filter(batch_id=batch_id)

    def changed_by(self, batch_id: int) -> Self:
        """Here before this import and changed by it, in themselves or in their lines; what followed (sums of
        refunds, the buyer found) is no change. Served by ``change_of_source`` and ``line_of_batch``.
        """
        lines = self.model._meta.get_field("lines").related_model._default_manager
        updates = Change.objects.filter(source=f"import:{batch_id}", op="update")
        told = [field.column for field in self.model._meta.concrete_fields if field.name not in FOLLOWING]
        own = updates.filter(table_name=self.model._meta.db_table, changes__has_any_keys=told)
        of_lines = updates.filter(table_name=lines.model._meta.db_table).values("row_id")
        return self.filter(
            pk__in=any_of(
                own.values("row_id"),
                lines.filter(pk__in=of_lines).values("order"),
                lines.filter(batch=batch_id).values("order"),
            )
        ).exclude(batch=batch_id)

    def with_items(self, items: QuerySet[Any]) -> Self:
        """With a line of one of these items; served by ``line_of_item``."""
        lines = self.model._meta.get_field("lines").related_model._default_manager
        return self.filter(pk__in=lines.filter(item__in=items.values("pk")).values("order"))

    def in_hour(self, hour: int, *, column: str = "paid_at") -> Self:
        """In this hour of the store's day; give a range of days too, no index knows hours."""
        return self.alias(so_hour=ExtractHour(column, tzinfo=clock.store_zone())).filter(so_hour=hour)

    def on_weekday(self, weekday: int, *, column: str = "paid_at") -> Self:
        """On Mondays (1) … Sundays (7) of the store; give a range of days too."""
        return self.alias(so_weekday=ExtractIsoWeekDay(column, tzinfo=clock.store_zone())).filter(so_weekday=weekday)

    def of_buyers(self, was: str, *, first: date, among: Collection[int] | None = None) -> Self:
        """Of known buyers who, before the store day ``first``, paid within 365 days (``old``) or did not (``new``).

        ``among``: the ids of the channels in which that counts (None: all).
        """
        counted = Channel.objects.counted()
        counted = counted if among is None else counted.filter(pk__in=sorted(among))
        begin, end = clock.day_range(first - YEAR)[0], clock.day_range(first)[0]
        before = self.model._default_manager.filter(
            customer=OuterRef("customer"), paid_at__gte=begin, paid_at__lt=end, paid__gt=0, kind="sale",
            channel__in=counted,
        )  # fmt: skip
        known = self.filter(customer__isnull=False)
        return known.filter(Exists(before) if was == "old" else ~Exists(before))

    def buyers(self) -> int | None:
        """Return how many known people paid for sales among these orders; None for more than SUMMED_AT_MOST orders."""
        paid = self.order_by().filter(kind="sale", paid__gt=0, customer__isnull=False)
        found = self.model._default_manager.filter(pk__in=paid.values("pk")[: SUMMED_AT_MOST + 1])
        counted = found.aggregate(orders=Count("pk"), people=Count("customer", distinct=True))
        return None if counted["orders"] > SUMMED_AT_MOST else counted["people"]

    def found(self, text: str, user: "User | None") -> Self:
        """Orders a search text names: every topic's finders give some thousand at most, together they are the hits.

        Searched are the channels ``user`` sees (None: the program itself, all), by a part of a masked name
        nothing is found. The hits are looked up here and now, once, however often the rows are counted and read.
        """
        among = channels_of(user, "orders.view") if user is not None else None
        names = "NAME_FINDERS" if knows_parts(user) else "WHOLE_NAME_FINDERS"
        finders = [*registered("search", "ORDER_FINDERS"), *registered("search", names)]
        found = [ids for find in finders if (ids := find(text, among)) is not None]  # type: ignore[operator]  # what registers itself is typed as object
        if not found:
            return self.none()
        return self.filter(pk__in=one_of(pk for row in any_of(*found) for pk in row.values()))

    def sums(self) -> list[dict[str, Any]]:
        """Add up the sales among these orders by currency; empty when there are more than SUMMED_AT_MOST.

        ``documents`` counts those that are no sale (tests, gifts, exchanges, adjustments) and are left out.
        """
        some = self.model._default_manager.filter(pk__in=self.order_by().values("pk")[: SUMMED_AT_MOST + 1])
        sale = Q(kind="sale")
        rows: list[dict[str, Any]] = [
            dict(row)
            for row in some.values(currency=F("channel__currency"))
            .annotate(
                every=Count("pk"),
                orders=Count("pk", filter=sale),
                payers=Count("pk", filter=sale & Q(paid__gt=0)),
                payable_sum=Sum("payable", filter=sale),
                paid_sum=Sum("paid", filter=sale),
                refunded_sum=Sum("refunded", filter=sale),
                pieces_sum=Sum("pieces", filter=sale & Q(paid__gt=0)),
                unknown=Count("pk", filter=sale & Q(paid__isnull=True)),
            )
            .order_by("-orders", "currency")
        ]
        return [] if sum(row["every"] for row in rows) > SUMMED_AT_MOST else rows


def neighbours(order: "Order", user: "User") -> tuple["Order | None", "Order | None"]:
    """Return the order before (newer) and after (older) this one in the list of all."""
    seen = type(order).objects.visible_to(user).only("id", "number")
    at, pk = order.created_at, order.pk
    newer = (
        seen.filter(Q(created_at__gte=at) & (Q(created_at__gt=at) | Q(pk__gt=pk))).order_by("created_at", "id").first()
    )
    older = (
        seen.filter(Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(pk__lt=pk)))
        .order_by("-created_at", "-id")
        .first()
    )
    return newer, older


def imports_visible_to(user: "User") -> "QuerySet[ImportBatch]":
    """Return the imports of order files, for those who import or see orders."""
    from shopops.exchange.models import ImportBatch  # noqa: PLC0415 - models of this topic load this file

    batches = ImportBatch.objects.filter(kind="orders")
    given = [code for code in ("orders.import", "orders.view") if user.has_perm(code)]
    reach = [channels_of(user, code) for code in given]
    if not given:
        return batches.none()
    if None in reach:
        return batches
    codes = Channel.objects.filter(pk__in=sorted({pk for ids in reach for pk in ids or ()})).values("code")
    # Files of one job are shown and written together: one of another channel keeps the whole job from view.
    beyond = ImportBatch.objects.filter(job=OuterRef("job")).exclude(channel_code__in=codes)
    return batches.filter(~Exists(beyond), channel_code__in=codes)


def unmended(batches: "QuerySet[ImportBatch]", now: datetime) -> "QuerySet[ImportBatch]":
    """Refused or broken off lately, and no file of that name was imported into the channel since."""
    states = batches.model.State
    mended = batches.model._default_manager.filter(
        channel_code=OuterRef("channel_code"),
        upload__name=OuterRef("upload__name"),
        state=states.DONE,
        pk__gt=OuterRef("pk"),
    )
    return batches.filter(
        ~Exists(mended), state__in=(states.REFUSED, states.INTERRUPTED), dry_run=False, created_at__gte=now - LATELY
    )


def item_sums(orders: OrderQuerySet, items: QuerySet[Any]) -> list[dict[str, Any]]:
    """Add up the lines of ``items`` in these sales, by currency: pieces, and what was paid for them."""
    lines = orders.model._meta.get_field("lines").related_model._default_manager
    sold = lines.filter(
        item__in=items.values("pk"), kind__in=("goods", "charge"), order__kind="sale", order__paid__gt=0,
        order__in=orders.order_by().values("pk")[: SUMMED_AT_MOST + 1],
    )  # fmt: skip
    found = sold.values(currency=F("order__channel__currency"))
    return list(found.annotate(pieces_sum=Sum("quantity"), paid_sum=Sum("paid", default=0)).order_by("currency"))
