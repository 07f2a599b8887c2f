"""A mail to somebody whose log-in was changed, so that a change that was not theirs does not stay unnoticed."""

import logging
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.accounts.models import User

logger = logging.getLogger(__name__)
SENTENCES: Final = {
    "password": gettext_lazy("Your password was changed."),
    "factor_added": gettext_lazy("A second factor was added to your log-in."),
    "factor_removed": gettext_lazy("A second factor was removed from your log-in."),
    "factor_reset": gettext_lazy("An administrator removed the second factors of your log-in."),
    "token_made": gettext_lazy("An API token was made in your name."),
}


def write(sender: object, *, user_id: int, what: str, by_id: int, **_kwargs: object) -> bool:
    """Tell the person by mail, where they have an address; say whether a mail went out."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None or what not in SENTENCES:
        return False
    with translation.override(user.language):
        subject = _("Your log-in at %(store)s was changed") % {"store": settings.STORE_NAME}
        text = "\n\n".join(
            (str(SENTENCES[what]), _("It was not you, and nobody told you? Call your administrator at once."))
        )
    try:
        return EmailMessage(subject, text, to=[user.email]).send() > 0
    except OSError:  # the mail server is away: history tells of the change all the same
        logger.warning("letter not sent", extra={"user": user_id})
        return False
