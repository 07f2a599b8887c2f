from typing import Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LOOKS: Final = ("reveal", "export", "read", "see_as")  # what changed nothing, and is known all the same


class Change(models.Model):
    """One row of one table changed: who, when, before and after; written by triggers only."""

    at = models.DateTimeField(_("time"))
    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    op = models.CharField(max_length=6)
    changes = models.JSONField()  # update: {field: [before, after]}; insert, delete: the row
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False)
    request_id = models.CharField(max_length=64)
    source = models.CharField(max_length=64)  # "import:12", "job:7" or empty
    forgotten = models.CharField(max_length=64, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["table_name", "row_id", "-id"], name="change_of_record"),
            models.Index(fields=["source", "id"], name="change_of_source", condition=~models.Q(source="")),
            models.Index(fields=["request_id", "id"], name="change_of_request", condition=~models.Q(request_id="")),
            models.Index(fields=["id"], name="change_forgotten", condition=models.Q(forgotten__isnull=False)),
            models.Index(fields=["table_name", "id"], name="change_deleted", condition=models.Q(op="delete")),
            models.Index(fields=["-id"], name="change_look", condition=models.Q(op__in=LOOKS)),
        ]


class Seal(models.Model):
    """The changes of a day (or of several, after a stop) as one hash, chained with the one before (P13).

    The program may add seals, never alter one; ``manage.py history --verify`` finds what was altered beneath.
    """

    day = models.DateField(_("sealed through"), unique=True)
    after_id = models.BigIntegerField()  # the last change of the seal before; far below zero for the first
    last_id = models.BigIntegerField()
    count = models.BigIntegerField(_("changes"))
    blocks = models.JSONField()  # [[id // BLOCK, changes, SHA-256]]: where in the day something was altered
    previous = models.CharField(max_length=64)
    digest = models.CharField(_("seal"), max_length=64)  # SHA-256 over ``previous`` and the blocks, hexadecimal
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.day.isoformat()
