import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from django.db import connection, models

from shopops.access.field_classes import PERSONAL
from shopops.access.scopes import owned

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.exchange.models import Export  # noqa: F401 - mypy reads it in the quotes below

# Each kind of list, report or copy once, by its newest file: one look into the index for each, however many rows.
_KNOWN: Final = """
    WITH RECURSIVE known AS (
        (SELECT what, told FROM shopops_export ORDER BY what, at DESC, id DESC LIMIT 1)
        UNION ALL
        SELECT n.what, n.told FROM known k CROSS JOIN LATERAL (
            SELECT what, told FROM shopops_export WHERE what > k.what ORDER BY what, at DESC, id DESC LIMIT 1
        ) n
    )
    SELECT what, told::text FROM known
"""


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: "User") -> Self:
        """One's own files; everybody's, as far as it reaches, for who looks after them."""
        return owned(self, user, "exports.view", owner="user")

    def about(self, record: models.Model) -> Self:
        """The files about one record; served by the partial index ``export_of_record``."""
        return self.filter(table_name=record._meta.db_table, row_id=record.pk)

    def counted_since(self, user: "User", begin: datetime) -> Self:
        """The files of one person that an hour's limit counts: all but what colleagues attached to records."""
        return self.filter(user=user, at__gt=begin).exclude(kind="attachment")

    def holding(self, field_class: str) -> Self:
        """Files with a column of this class; served by the partial index ``export_with_classes``."""
        return self.exclude(classes=[]).filter(classes__contains=[field_class])

    def in_the_open(self) -> Self:
        """Files in which personal data stood in full."""
        return self.holding(PERSONAL).filter(is_masked=False)


def known() -> list[tuple[str, dict[str, Any]]]:
    """Return (address's name, what it was in each language) of all that was ever taken along."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN)
        return [(what, json.loads(told)) for what, told in cursor.fetchall()]
