"""The mail that carries notifications: plain text, without anything personal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shopops.notifications.kinds import kinds
from shopops.notifications.models import Notification
from shopops.ui import formats
from shopops.ui.records import url_of

if TYPE_CHECKING:
    from shopops.accounts.models import User


def sentence(item: Notification) -> str:
    """Return a notification's sentence in the language that is switched on."""
    kind = kinds().get(item.kind)
    return kind.text(item.text_values) if kind else item.kind


def address(item: Notification) -> str:
    """Return where a notification leads; its own list where it is about no page."""
    kind = kinds().get(item.kind)
    if kind and kind.link:
        return kind.link(item.text_values)
    if item.row_id is not None and (url := url_of(item.table_name, item.row_id)):
        return url
    return reverse(kind.place) if kind and kind.place else reverse("notifications:list")


def compose(rows: Sequence[Notification], user: "User") -> EmailMessage:
    """Return one mail with all ``rows``, newest first."""
    if len(rows) == 1:
        subject = f"{settings.STORE_NAME}: {sentence(rows[0])}"
    else:
        words = ngettext("%(count)s notification", "%(count)s notifications", len(rows)) % {"count": len(rows)}
        subject = f"{settings.STORE_NAME}: {words}"
    parts = [_part(item) for item in rows]
    parts.append(_("How you are told: %(url)s") % {"url": settings.SITE_URL + reverse("notifications:settings")})
    return EmailMessage(
        subject=" ".join(subject.split())[:200],
        body="\n\n".join(parts) + "\n",
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _part(item: Notification) -> str:
    times = f" ×{item.count}" if item.count > 1 else ""
    return f"{sentence(item)}{times}\n{formats.moment(item.at)}\n{settings.SITE_URL}{address(item)}"
