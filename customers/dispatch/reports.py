"""What plain mail servers send back: delivery reports (RFC 3464) and complaints (RFC 5965)."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import getaddresses
from typing import Final

from customers.dispatch.bounces import Kind, classify, status_code
from customers.dispatch.verp import Reference, read_reference, read_return_path

HEADER: Final = "X-ShopOps-Delivery"  # ours, in every mail we send
_RETURNED_TO: Final = ("Delivered-To", "X-Original-To", "To")
_ORIGINALS: Final = frozenset({"message/rfc822", "text/rfc822-headers"})


@dataclass(frozen=True)
class Report:
    """What one report says of one recipient; ``reference`` names the delivery, its token unproved."""

    kind: Kind
    recipient: str
    status: str = ""
    diagnostic: str = ""
    reference: Reference | None = None
    message_id: str = ""


def read_report(raw: bytes) -> list[Report]:
    """Return what a mail to our return path reports, one entry a recipient; nothing for any other mail.

    Automatic replies (RFC 3834) are no reports. Whose delivery it is about: the signed return path, else our
    header in the returned original; where both are silent, the recipient's address has to do.
    """
    mail = message_from_bytes(raw)
    if mail.get_content_type() != "multipart/report":
        return []
    kind = str(mail.get_param("report-type", "")).lower()
    if kind == "delivery-status":
        return list(_deliveries(mail))
    return list(_complaints(mail)) if kind == "feedback-report" else []


def _deliveries(mail: Message) -> Iterator[Report]:
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
            continue
        for fields in part.get_payload():
            recipient = _address(_field(fields, "Final-Recipient") or _field(fields, "Original-Recipient"))
            if recipient:
                yield _delivery(mail, fields, recipient)


def _delivery(mail: Message, fields: Message, recipient: str) -> Report:
    diagnostic = _field(fields, "Diagnostic-Code")
    status = status_code(_field(fields, "Status"), diagnostic)
    kind = classify(_field(fields, "Action").lower(), status)
    return Report(kind, recipient, status, diagnostic, _reference(mail), _field(mail, "Message-ID"))


def _complaints(mail: Message) -> Iterator[Report]:
    for part in mail.walk():
        if part.get_content_type() != "message/feedback-report" or not part.is_multipart():
            continue
        for fields in part.get_payload():
            told = _field(fields, "Original-Rcpt-To") or _original_recipient(mail)
            kind = Kind.COMPLAINT if _field(fields, "Feedback-Type").lower() == "abuse" else Kind.NOTE
            yield Report(kind, _address(told), reference=_reference(mail), message_id=_field(mail, "Message-ID"))


def _reference(mail: Message) -> Reference | None:
    values = [str(value) for name in _RETURNED_TO for value in mail.get_all(name, [])]
    for _name, address in getaddresses(values):
        if (found := read_return_path(address)) is not None:
            return found
    return next((found for original in _originals(mail) if (found := read_reference(_field(original, HEADER)))), None)


def _original_recipient(mail: Message) -> str:
    return next((address for original in _originals(mail) if (address := _field(original, "To"))), "")


def _originals(mail: Message) -> Iterator[Message]:
    """Yield the returned mails, or their headers."""
    for part in mail.walk():
        if part.get_content_type() not in _ORIGINALS:
            continue
        if part.is_multipart():
            yield from part.get_payload()
        elif isinstance(text := part.get_payload(), str):
            yield message_from_string(text)


def _address(field: str) -> str:
    """Return the address of ``rfc822; <a@b.cn>``, in lower case."""
    return field.rpartition(";")[2].strip().strip("<>").lower()


def _field(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip()
