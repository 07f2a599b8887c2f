from django.db import models


class Counter(models.Model):
    """How often somebody tried something lately; ``key`` is a keyed hash, so no name stands here."""

    key = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=16)
    count = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()
