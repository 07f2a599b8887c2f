from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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

    class Meta:
        indexes = [
            models.Index(fields=["table_name", "row_id", "-id"], name="change_of_record"),
            models.Index(fields=["source", "id"], name="change_of_source", condition=~models.Q(source="")),
        ]
