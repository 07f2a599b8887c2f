"""What mail providers tell by call: their words for what became of a mail (read, not fetched)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from customers.dispatch.bounces import Kind, judge

_Json = Mapping[str, Any]


@dataclass(frozen=True)
class MailEvent:
    """One event of one recipient. Providers repeat themselves: (provider, event_id, recipient, word) is the key."""

    event_id: str
    recipient: str
    word: str
    kind: Kind


def from_ses(outer: _Json) -> list[MailEvent]:
    """Read a notification of Amazon SES as SNS hands it over; one entry a recipient it names."""
    if outer.get("Type") != "Notification":
        return []
    told = json.loads(outer["Message"])
    word = str(told.get("notificationType") or told.get("eventType") or "")
    event_id = str(outer.get("MessageId", ""))
    if word == "Bounce":
        return _ses_bounces(event_id, told["bounce"])
    if word == "Complaint":
        rows = told["complaint"]["complainedRecipients"]
        return [MailEvent(event_id, _mail(row["emailAddress"]), word, Kind.COMPLAINT) for row in rows]
    kind = Kind.DELIVERED if word == "Delivery" else Kind.NOTE
    people = told.get("delivery", {}).get("recipients") or told.get("mail", {}).get("destination", [])
    return [MailEvent(event_id, _mail(address), word, kind) for address in people]


def _ses_bounces(event_id: str, bounce: _Json) -> list[MailEvent]:
    is_final = bounce["bounceType"] == "Permanent"
    return [
        MailEvent(
            event_id,
            _mail(row["emailAddress"]),
            "Bounce",
            judge(row.get("status", ""), row.get("diagnosticCode", ""), is_final=is_final),
        )
        for row in bounce["bouncedRecipients"]
    ]


_MAILGUN: Final = {
    "delivered": Kind.DELIVERED,
    "complained": Kind.COMPLAINT,
    "unsubscribed": Kind.UNSUBSCRIBED,
}


def from_mailgun(call: _Json) -> MailEvent:
    """Read a call of Mailgun; its signature is proved before. What it tries again by itself is a note."""
    told = call["event-data"]
    word = str(told["event"])
    kind = _MAILGUN.get(word, Kind.NOTE)
    if word == "failed" and told.get("severity") == "permanent":
        status = told.get("delivery-status", {})
        kind = judge(str(status.get("message", "")), str(status.get("description", "")), is_final=_is_bounce(told))
    return MailEvent(str(told["id"]), _mail(told["recipient"]), word, kind)


def _is_bounce(told: _Json) -> bool:
    return told.get("reason") in ("bounce", "suppress-bounce")


_DIRECTMAIL: Final = {
    "dm:Deliver:Succeed": Kind.DELIVERED,
    "dm:Feedback:FblReport": Kind.COMPLAINT,
    "dm:Feedback:UnSubscribe": Kind.UNSUBSCRIBED,
}


def from_directmail(event: _Json) -> MailEvent:
    """Read a CloudEvent of Alibaba Cloud DirectMail; one id serves several types of one mail."""
    told, word = event["data"], str(event["type"])
    kind = _DIRECTMAIL.get(word, Kind.NOTE)
    if word == "dm:Deliver:Fail":
        kind = judge(str(told.get("err_msg", "")), is_final=told.get("failed_type") == "SmtpNxBox")
    return MailEvent(str(event["id"]), _mail(told["rcpt"]), word, kind)


_TENCENT: Final = {
    "delivered": Kind.DELIVERED,
    "spamreport": Kind.COMPLAINT,
    "unsubscribe": Kind.UNSUBSCRIBED,
}


def from_tencent(told: _Json) -> MailEvent:
    """Read a call of Tencent Cloud SES. It gives no id of the event: the mail's and the second make one."""
    word = str(told["event"])
    kind = _TENCENT.get(word, Kind.NOTE)
    if word == "bounce":
        kind = judge(str(told.get("reason", "")), is_final=told.get("bounceType") == "hard_bounce")
    return MailEvent(f"{told['messageId']}:{told['timestamp']}", _mail(told["email"]), word, kind)


def _mail(address: str) -> str:
    return str(address).strip().lower()
