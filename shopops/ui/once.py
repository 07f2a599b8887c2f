"""A form that is sent twice acts once.

:class:`OnceMiddleware` does it for every form of every page. A form that may be sent again later with other
files has a token of its own (:func:`token`), remembered in the session under the session row's lock.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Final

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from shopops.access.personal import reveal, seal

REMEMBERED: Final = 50
NAME: Final = "sent_forms"
KNOWN: Final = 30  # seconds a sent form is known: a double click, or a line that tried again
LARGEST: Final = 200_000  # bytes of an answer that is kept
REPLAYED: Final = ("Location", "HX-Redirect", "HX-Trigger", "HX-Retarget", "HX-Reswap", "Content-Type")
PATIENCE: Final = 10  # seconds the second waits for the first


class OnceMiddleware:
    """Let the second of two equal POSTs of one page wait for the first, and give it the first's answer.

    Equal is: the same person, address and fields, with the CSRF token as the page was given it, which is another one
    on each page. So whoever opens the page again and means it again, does it again. What was refused (4xx) may be
    tried again at once. Answers are kept encrypted: some show what is shown once. Stands behind the check of access.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            response = self.get_response(request)
            key = getattr(request, "once_key", "")
            if key and _may_be_kept(response):
                kept = {name: response.headers[name] for name in REPLAYED if name in response.headers}
                cache.set(key, (response.status_code, kept, seal(response.content.decode())), KNOWN)
            return response
        finally:
            if (lock := getattr(request, "once_lock", None)) is not None:
                _ask("SELECT pg_advisory_unlock(%s)", lock)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., HttpResponseBase], _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        if request.method != "POST" or not request.POST.get("csrfmiddlewaretoken") or not request.user.is_authenticated:
            return None
        key, lock = _name(request)
        if not _held(lock):
            return HttpResponse(status=409)
        request.once_lock = lock  # type: ignore[attr-defined]  # our own attribute
        known = cache.get(key)
        if known is None:
            request.once_key = key  # type: ignore[attr-defined]  # our own attribute
            return None
        status, kept, body = known
        return HttpResponse(reveal(body), status=status, headers=kept)


def _may_be_kept(response: HttpResponse) -> bool:
    """Say whether an answer is one to give again: it was no refusal, and is a page, a fragment or a redirect."""
    if response.status_code >= 400 or response.streaming or len(response.content) > LARGEST:
        return False
    return not response.content or response.headers.get("Content-Type", "").startswith("text/html")


def _name(request: HttpRequest) -> tuple[str, int]:
    """Return what a sent form is remembered by, and the number of its lock."""
    digest = hashlib.sha256(f"{request.user.pk}\0{request.get_full_path()}".encode())
    for name, values in request.POST.lists():
        digest.update(repr((name, values)).encode())
    for name, files in request.FILES.lists():
        digest.update(repr((name, [(file.name, file.size) for file in files])).encode())
    return f"once:{digest.hexdigest()}", int.from_bytes(digest.digest()[:8], "big", signed=True)


def _held(lock: int) -> bool:
    """Take the lock of a form, waiting for whoever has it; it is the session's of the database, not the transaction's."""
    until = time.monotonic() + PATIENCE
    while not _ask("SELECT pg_try_advisory_lock(%s)", lock):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _ask(statement: str, lock: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [lock])
        return bool(cursor.fetchone()[0])


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
