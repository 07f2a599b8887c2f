"""What follows an import, in a fixed order: a topic's ``steps.AFTER_IMPORT`` lists its :class:`AfterImport`.

The order is the stage's, not the topics': figures count buyers, so buyers are resolved first although
they stand on a higher floor. A step is idempotent; it is run again when a worker was killed in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, cast

from shopops.topics import registered

if TYPE_CHECKING:
    from shopops.jobs.services import Claim


class Stage(IntEnum):
    """When a step runs; those of one stage in floor order."""

    BUYERS = 10  # orders find their customers
    VALUES = 20  # sums per customer
    ROLLUPS = 30  # dirty days' figures
    LATER = 40  # what reads figures


@dataclass(frozen=True)
class AfterImport:
    """One step: ``run`` is called with the ids of the merged (or taken back) batches and the job's claim."""

    stage: Stage
    run: Callable[[Sequence[int], "Claim | None"], None]


def name_buyers(channel_id: int, batch_id: int, table: str) -> None:
    """Have the buyers of orders about to be written found or made: a topic's ``steps.NAME_BUYERS`` fills in who they are.

    ``table`` is a temporary one of (key, label, customer_id); what stays null is left to the steps after the import.
    """
    for name in registered("steps", "NAME_BUYERS"):
        cast("Callable[[int, int, str], None]", name)(channel_id, batch_id, table)


def follow(batch_ids: Sequence[int], claim: "Claim | None") -> None:
    """Run every step; the claim's lease is renewed between them. Raises LeaseLost."""
    steps = [step for step in registered("steps", "AFTER_IMPORT") if isinstance(step, AfterImport)]
    for step in sorted(steps, key=lambda step: step.stage):
        step.run(batch_ids, claim)
        if claim is not None:
            claim.renew()
