"""A personal field as a record's page shows it: its mask, and the way to uncover it."""

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.text import capfirst

from shopops.access.declare import may
from shopops.history.reasons import REASONS
from shopops.reveals.kinds import field_words, revealables
from shopops.ui import formats

if TYPE_CHECKING:
    from django.db.models import Model

    from shopops.accounts.models import User

PERMISSION = "personal.reveal"


def personal_field(user: "User", record: "Model", name: str, *, label: str = "", mask: str = "") -> dict[str, Any]:
    """Return what ``components/personal.html`` needs of one field; ``mask`` where the record keeps none of its own."""
    table = record._meta.db_table
    kind = revealables()[table]
    return {
        "name": name,
        "id": f"personal-{table}-{record.pk}-{name}",
        "label": label or capfirst(field_words(table, name)),
        "mask": mask or kind.mask(record, name) or formats.ABSENT,
        "may": bool(getattr(record, name)) and may(user, PERMISSION) and kind.hides(record, name),
        "url": reverse("reveals:reveal", args=[table, record.pk, name]),
        "reasons": list(REASONS.items()),
    }
