"""How long ended log-ins and tries are kept."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from shopops.accounts.models import ResetRequest
from shopops.privacy.keeping import Retention


def remove_sessions(before: datetime) -> int:
    """Delete sessions that ended earlier, and what is shown of them; return how many."""
    gone = Session.objects.filter(expire_date__lt=before).delete()[0]
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return gone


def remove_tries(before: datetime) -> int:
    """Delete older log-in tries and what was typed into "forgot"; return how many."""
    removed = ResetRequest.objects.filter(handled_at__lt=before).delete()[0]
    for model, field in (
        (AccessAttempt, "attempt_time"),
        (AccessFailureLog, "attempt_time"),
        (AccessLog, "attempt_time"),
    ):
        removed += model.objects.filter(**{f"{field}__lt": before}).delete()[0]
    return removed


RULES = [
    Retention(
        "sessions",
        _("Ended log-ins"),
        _("Sessions of staff that are over."),
        _("security of operation"),
        1,
        sweep=remove_sessions,
    ),
    Retention(
        "log_in_tries",
        _("Log-ins and tries"),
        _("When whose log-in was tried from which address."),
        _("security of operation (Cybersecurity Law Art. 21: logs of six months)"),
        365,
        least_days=183,
        sweep=remove_tries,
    ),
]
