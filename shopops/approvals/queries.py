from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from shopops.access.holders import holders
from shopops.approvals.kinds import Kind, decidable, kinds
from shopops.history.models import Change
from shopops.ui import records

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.approvals.models import Approval

SEES_LONE = "accounts.view"  # who looks after rights sees what was decided for want of a second
ENOUGH = 2  # people who may decide a kind: one asks, the other decides


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def visible_to(self, user: "User") -> Self:
        """One's own requests, and those one may decide, or has decided; of others what was decided alone."""
        seen = Q(asked_by=user) | Q(decided_by=user) | _mine_to_decide(user)
        if user.has_perm(SEES_LONE):
            seen |= Q(alone=True) & _within_reach(user, list(kinds()))
        return self.filter(seen)

    def waiting_for(self, user: "User", now: datetime) -> Self:
        """Open requests of others this person may decide; served by the partial index ``approval_open``."""
        return self.decidable_by(user).filter(state="open", expires_at__gt=now)

    def decidable_by(self, user: "User") -> Self:
        """Requests of others of the kinds this person decides, as far as the permissions reach their records."""
        return self.filter(_mine_to_decide(user)).exclude(asked_by=user)

    def open_about(self, kind: str, table: str, row: int) -> Self:
        return self.filter(kind=kind, table_name=table, row_id=row, state="open")


def _mine_to_decide(user: "User") -> Q:
    """Of the kinds somebody decides by permission, or is named for: who is named decides all of that kind."""
    named = apps.get_model("shopops", "Decider").objects.filter(user=user, kind=OuterRef("kind"))
    return _within_reach(user, decidable(user)) | Q(Exists(named))


def _within_reach(user: "User", codes: list[str]) -> Q:
    """Requests of these kinds about no record, or about one whose page this person may open."""
    by_table: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        about = kinds()[code].about
        by_table[about._meta.db_table if about else ""].append(code)
    found = Q(kind__in=by_table.pop("", []))
    for table, of_table in by_table.items():
        rows = records.kinds()[table].rows(user)
        found |= Q(kind__in=of_table) & (Q(row_id=None) | Q(row_id__in=rows.order_by().values("pk")))
    return found


def eligible(kind: Kind) -> "QuerySet[User]":
    """Return who may decide requests of this kind now: by permission, or named by setting."""
    named = apps.get_model("shopops", "Decider").objects.filter(kind=kind.code, user=OuterRef("pk"))
    by_permission = holders(kind.permission)
    return get_user_model().objects.filter(Q(pk__in=by_permission.values("pk")) | Q(Exists(named)), is_active=True)


def who_may_decide(asked: "Approval") -> "list[User]":
    """Return who may decide this request now: by permission as far as it reaches its record, or by name; not who asked."""
    kind = kinds()[asked.kind]
    people = list(eligible(kind).with_permissions().exclude(pk=asked.asked_by_id).order_by("pk"))
    if kind.about is None or asked.row_id is None:
        return people
    named = set(apps.get_model("shopops", "Decider").objects.filter(kind=kind.code).values_list("user_id", flat=True))
    seeing = set(records.who_may_see([person for person in people if person.pk not in named], kind.about, asked.row_id))
    return [person for person in people if person.pk in named or person in seeing]


def too_few(kind: str) -> bool:
    """Say whether fewer than two people may decide this kind: then whoever asks may find nobody."""
    return eligible(kinds()[kind])[:ENOUGH].count() < ENOUGH


@dataclass(frozen=True)
class Deciders:
    """Who decides one kind."""

    kind: Kind
    people: "list[User]"
    named: "list[User]"

    @property
    def too_few(self) -> bool:
        return len(self.people) < ENOUGH


def deciders() -> list[Deciders]:
    """Return who decides each kind; two queries whatever the number of kinds."""
    user = get_user_model()
    people = list(user.objects.with_permissions().filter(is_active=True).order_by("full_name", "pk"))
    named: dict[str, set[int]] = {}
    for kind, pk in apps.get_model("shopops", "Decider").objects.values_list("kind", "user_id"):
        named.setdefault(kind, set()).add(pk)
    return [
        Deciders(
            item,
            [person for person in people if person.has_perm(item.permission) or person.pk in named.get(item.code, ())],
            [person for person in people if person.pk in named.get(item.code, ())],
        )
        for item in kinds().values()
    ]


def kinds_without_a_second() -> list[Deciders]:
    """Return the kinds fewer than two people may decide, for a warning."""
    return [item for item in deciders() if item.too_few]


def changes_since(approval: "Approval") -> "QuerySet[Change]":
    """Return what happened to the record after it was asked, oldest first."""
    return (
        Change.objects.filter(
            table_name=approval.table_name, row_id=approval.row_id, op="update", id__gt=approval.version
        )
        .select_related("actor")
        .order_by("id")
    )
