from datetime import datetime

from analytics.quality import services


def owe_checks(*, now: datetime) -> None:
    """Ensure today's check of the data."""
    services.ensure_check(now)


EACH_MINUTE = [owe_checks]
