"""What somebody else has to agree to: topics register ``KINDS`` in their ``approvals.py``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from shopops.topics import registered
from shopops.words import Words

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.approvals.models import Approval

Payload: TypeAlias = Mapping[str, Any]
Line: TypeAlias = tuple[str, str, str]  # what, before, after
Execute: TypeAlias = Callable[..., object]  # (payload, *, asked_by, by): exactly once; raises Refused


@dataclass(frozen=True)
class Result:
    """What an approved request gives: a button."""

    url: str
    label: Words
    note: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of request. ``permission`` is held by those who may decide; it is never the asker."""

    code: str
    label: Words
    permission: str
    execute: Execute
    describe: Callable[[Payload], list[Line]]
    about: type[Model] | None = None  # the record's class, where there is one: who may not see it does not decide
    days: int = 7  # after which an undecided request has expired
    long: bool = False  # carried out by a job, not in the request that decides
    recent_login: bool = False  # who decides has given their password lately
    alone: bool = False  # where nobody else could decide, it is done at once and listed as decided alone
    current: Callable[[Payload], object] | None = None  # what ``payload["before"]`` has to be still
    summary: Callable[[Payload], str] | None = None  # the value in one line, in today's language
    act: Words = _("Approve")  # noqa: RUF009 - translated when shown; on the button: what happens then
    result: "Callable[[Approval, User], Result | None] | None" = None  # what the page then offers this person

    def value(self, stored: str, payload: Payload) -> str:
        """Return what is asked in a few words."""
        return self.summary(payload) if self.summary else stored

    def fits(self, payload: Payload) -> bool:
        """Say whether things still are as they were when it was asked."""
        return self.current is None or self.current(payload) == payload["before"]


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind by code, lowest floor first."""
    return {item.code: item for item in registered("approvals", "KINDS") if isinstance(item, Kind)}


def decidable(user: "User") -> list[str]:
    """Return the kinds this person may decide by their roles; asks nothing."""
    return [item.code for item in kinds().values() if user.has_perm(item.permission)]
