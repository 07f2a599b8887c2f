"""A form that is sent twice acts once: its token is remembered in the session, under the session row's lock."""

import secrets
from typing import Final

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

REMEMBERED: Final = 50
NAME: Final = "sent_forms"


def token() -> str:
    """Return a new token for a form's hidden field."""
    return secrets.token_hex(12)


def first_time(request: HttpRequest, sent: str) -> bool:
    """Say whether this token comes for the first time, and remember it; a form without one is always new."""
    key = request.session.session_key
    if not sent or not key:
        return True
    with transaction.atomic():
        if not Session.objects.select_for_update().filter(session_key=key).exists():
            return True
        store = SessionStore(key)
        known = list(store.get(NAME, []))
        if sent in known:
            return False
        store[NAME] = [*known, sent][-REMEMBERED:]
        store.save()
    request.session[NAME] = store[NAME]
    return True


def forget(request: HttpRequest, sent: str) -> None:
    """Let a token be used again: what it was sent for was refused."""
    request.session[NAME] = [item for item in request.session.get(NAME, []) if item != sent]
