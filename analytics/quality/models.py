from django.db import models


class CheckRun(models.Model):
    """What one check of the data found on one store day (DA-1); pages and reports read it, never the facts."""

    check_code = models.CharField(max_length=40)
    day = models.DateField()  # the store day it was made on
    found = models.JSONField(default=list)  # differences, the first hundred
    count = models.IntegerField(default=0)  # of all differences
    first_found_at = models.DateTimeField(null=True)  # since when it is red without a break
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["check_code", "day"], name="check_once_per_day")]

    def __str__(self) -> str:
        return f"{self.check_code} {self.day}"
