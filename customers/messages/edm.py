"""What a marketing mail needs before it may go out (handbook 3 §5.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

from customers.messages.domains import aligned

ONE_CLICK: Final = "List-Unsubscribe=One-Click"  # RFC 8058
_AD_LABEL: Final = re.compile(r"\s*(?:广告|AD(?![A-Za-z]))")  # "ADIDAS" is no label
_LINK: Final = re.compile(r"<\s*https://[^<>\s]+\s*>", re.IGNORECASE)


class Missing(models.TextChoices):
    """What stands in the way, in the order it is shown."""

    AD_LABEL = "ad_label", pgettext_lazy("mail", "The subject begins with 广告 or AD")
    LIST_UNSUBSCRIBE_HTTPS = (
        "list_unsubscribe_https",
        pgettext_lazy("mail", "A header with an https link to unsubscribe"),
    )
    LIST_UNSUBSCRIBE_POST = (
        "list_unsubscribe_post",
        pgettext_lazy("mail", "A header that allows one click to unsubscribe"),
    )
    UNSUBSCRIBE_IN_BODY = "unsubscribe_in_body", pgettext_lazy("mail", "A link to unsubscribe in the text")
    DMARC_ALIGNMENT = (
        "dmarc_alignment",
        pgettext_lazy("mail", "A signature (DKIM) or sender check (SPF) of the sender's own domain"),
    )


@dataclass(frozen=True)
class Authentication:
    """What was found of the signature and the sender check, each with the domain it speaks for."""

    dkim_pass: bool = False
    dkim_domain: str = ""
    spf_pass: bool = False
    spf_domain: str = ""

    def domains(self) -> list[str]:
        """Return the domains that passed."""
        return [self.dkim_domain] * self.dkim_pass + [self.spf_domain] * self.spf_pass


def edm_check(
    headers: Mapping[str, str], *, is_marketing: bool, has_link_in_body: bool, authentication: Authentication
) -> list[Missing]:
    """Return what a mail lacks; ``headers`` as people read them (decoded), names in any case.

    A service message needs its sender proved, and none of what the law asks of advertising.
    """
    read = {name.lower(): value for name, value in headers.items()}
    _name, sender = parseaddr(read.get("from", ""))
    domain = sender.rpartition("@")[2]
    present = {
        Missing.AD_LABEL: not is_marketing or bool(_AD_LABEL.match(read.get("subject", ""))),
        Missing.LIST_UNSUBSCRIBE_HTTPS: not is_marketing or bool(_LINK.search(read.get("list-unsubscribe", ""))),
        Missing.LIST_UNSUBSCRIBE_POST: not is_marketing or read.get("list-unsubscribe-post", "").strip() == ONE_CLICK,
        Missing.UNSUBSCRIBE_IN_BODY: not is_marketing or has_link_in_body,
        Missing.DMARC_ALIGNMENT: any(aligned(domain, proved) for proved in authentication.domains()),
    }
    return [point for point in Missing if not present[point]]
