from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shopops.history.models import LOOKS, Change
from shopops.words import Words

OPS: Final[dict[str, Words]] = {
    "reveal": _("Uncovered"),
    "export": _("Taken along as a file"),
    "read": _("Looked through"),
    "see_as": _("Seen as a role"),
}


def looks() -> QuerySet[Change]:
    """Return what people looked at and took along; served by the partial index ``change_look``."""
    return Change.objects.filter(Q(op__in=LOOKS))
