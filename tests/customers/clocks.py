"""Times as the handbook writes them: the store's wall clock."""

from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def shown(at):
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
