"""How recently, how often and for how much members bought, in five steps each (handbook 3 §4)."""

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar

from django.db import models
from django.utils.translation import pgettext_lazy

HIGH_FROM: Final = 4
STEPS: Final = 5
Member = TypeVar("Member", bound=Hashable)


class RfmClass(models.TextChoices):
    """The eight classes; the first word is the money, the second what R and F ask for."""

    IMPORTANT_VALUE = "important_value", pgettext_lazy("rfm", "Important: keep as it is")
    IMPORTANT_DEVELOP = "important_develop", pgettext_lazy("rfm", "Important: buys seldom")
    IMPORTANT_KEEP = "important_keep", pgettext_lazy("rfm", "Important: was away")
    IMPORTANT_WIN_BACK = "important_win_back", pgettext_lazy("rfm", "Important: going away")
    GENERAL_VALUE = "general_value", pgettext_lazy("rfm", "Ordinary: keep as it is")
    GENERAL_DEVELOP = "general_develop", pgettext_lazy("rfm", "Ordinary: buys seldom")
    GENERAL_KEEP = "general_keep", pgettext_lazy("rfm", "Ordinary: was away")
    GENERAL_WIN_BACK = "general_win_back", pgettext_lazy("rfm", "Ordinary: going away")


# By (money, recency, frequency): whether each is high.
_CLASSES: Final = {
    (True, True, True): RfmClass.IMPORTANT_VALUE,
    (True, True, False): RfmClass.IMPORTANT_DEVELOP,
    (True, False, True): RfmClass.IMPORTANT_KEEP,
    (True, False, False): RfmClass.IMPORTANT_WIN_BACK,
    (False, True, True): RfmClass.GENERAL_VALUE,
    (False, True, False): RfmClass.GENERAL_DEVELOP,
    (False, False, True): RfmClass.GENERAL_KEEP,
    (False, False, False): RfmClass.GENERAL_WIN_BACK,
}


class Purchases(NamedTuple):
    """A member's purchases of the last 365 days: the last day, the number of days with one, net paid."""

    last_day: date
    number: int
    net: Decimal


@dataclass(frozen=True)
class Scores:
    """One to five of each; five is best."""

    recency: int
    frequency: int
    money: int

    @property
    def rfm_class(self) -> RfmClass:
        return _CLASSES[self.money >= HIGH_FROM, self.recency >= HIGH_FROM, self.frequency >= HIGH_FROM]

    def __str__(self) -> str:
        return f"{self.recency}{self.frequency}{self.money}"


def rfm(members: Mapping[Member, Purchases]) -> dict[Member, Scores]:
    """Return the scores of members by their place among all of them; equal members share the lower score.

    The date they are computed on does not matter: a later last purchase is the smaller number of days since.
    """
    columns = [_scores(column) for column in zip(*members.values(), strict=True)]
    return {member: Scores(*scores) for member, *scores in zip(members, *columns, strict=True)} if columns else {}


def _scores(values: Sequence[date | int | Decimal]) -> list[int]:
    """Return 1 + ⌊5·(rank − 1)/n⌋, rank − 1 being how many are strictly worse (SQL's ``rank()``)."""
    ordered = sorted(values)
    return [1 + STEPS * bisect_left(ordered, value) // len(ordered) for value in values]
