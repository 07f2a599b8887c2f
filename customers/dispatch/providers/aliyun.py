"""Alibaba Cloud SMS (2017-05-25): how a call is signed (ACS3) and what its codes mean."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from customers.dispatch.providers.actions import Action, Answer, Wait

HOST: Final = "dysmsapi.aliyuncs.com"
VERSION: Final = "2017-05-25"
_ALGORITHM: Final = "ACS3-HMAC-SHA256"


def canonical_query(query: Mapping[str, str]) -> str:
    """Return the parameters sorted by name and percent-encoded, as they are signed and sent."""
    return "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))


def canonical_request(method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> str:
    """Return what is signed: method, path, query, the headers (names in lower case), the body's SHA-256."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    return "\n".join([method, "/", canonical_query(query), lines, ";".join(names), hashlib.sha256(body).hexdigest()])


def authorization(request: str, names: str, *, key_id: str, secret: str) -> str:
    """Return the header that proves a canonical request; ``names``: its signed headers, joined by semicolons."""
    text = f"{_ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


def signed_headers(
    action: str,
    query: Mapping[str, str],
    body: bytes = b"",
    *,
    key_id: str,
    secret: str,
    now: datetime,
    nonce: str,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the headers of a POST, signed; ``more`` (the content type of a form) is signed with them.

    ``nonce`` is new for every call, also for a repeated one.
    """
    headers = {
        "host": HOST,
        "x-acs-version": VERSION,
        "x-acs-action": action,
        "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
    } | {name.lower(): value for name, value in (more or {}).items()}
    request = canonical_request("POST", query, headers, body)
    proof = authorization(request, ";".join(sorted(headers)), key_id=key_id, secret=secret)
    return headers | {"Authorization": proof}


_CODES: Final[dict[Action, str]] = {
    Action.ACCEPT: "OK DELIVERED",
    Action.PAUSE_CAMPAIGN: "isv.DAY_LIMIT_CONTROL isv.MONTH_LIMIT_CONTROL",
    Action.STOP_ALL: """
        isv.AMOUNT_NOT_ENOUGH isv.OUT_OF_SERVICE isv.ACCOUNT_NOT_EXISTS isv.ACCOUNT_ABNORMAL
        isp.RAM_PERMISSION_DENY isv.DENY_IP_RANGE SignatureDoesNotMatch InvalidTimeStamp.Expired""",
    Action.STOP_CAMPAIGN: """
        isv.SMS_SIGNATURE_ILLEGAL isv.SMS_TEMPLATE_ILLEGAL isv.TEMPLATE_MISSING_PARAMETERS isv.TEMPLATE_PARAMS_ILLEGAL
        isv.INVALID_JSON_PARAM isv.INVALID_PARAMETERS isv.SMS_CONTENT_ILLEGAL isv.UNSUPPORTED_CONTENT
        isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE isv.BLACK_KEY_CONTROL_LIMIT isv.PARAM_NOT_SUPPORT_URL
        isv.MOBILE_COUNT_OVER_LIMIT""",
    Action.REJECT: """
        isv.PARAM_LENGTH_LIMIT MOBILE_SEND_LIMIT IS_CLOSE CONTENT_KEYWORD FILTER VALVE:M_MC VALVE:H_MC VALVE:D_MC""",
    Action.BAD_NUMBER: "isv.MOBILE_NUMBER_ILLEGAL INVALID_NUMBER",
    Action.OFF_SERVICE: "MOBILE_NOT_ON_SERVICE",
    Action.SUPPRESS: "isv.CUSTOMER_REFUSED MOBILE_IN_BLACK",
    Action.RETRY: "isp.SYSTEM_ERROR isp.GATEWAY_ERROR Throttling Throttling.User",
}
CODES: Final = {code: action for action, codes in _CODES.items() for code in codes.split()}
_FLOW_CONTROL: Final = "isv.BUSINESS_LIMIT_CONTROL"
_FLOWS: Final = {"分钟级": Wait.MINUTE, "小时级": Wait.NEXT_HOUR, "天级": Wait.DAY}


def answer(code: str, message: str = "") -> Answer:
    """Return what a code of an answer or a receipt means; a code nobody told us of is UNKNOWN.

    Refusals come with HTTP 200 too, so the code is looked at, not the status. How long flow control holds a
    number stands in the message alone; where it does not, a day.
    """
    if code == _FLOW_CONTROL:
        return Answer(Action.HOLD, next((wait for word, wait in _FLOWS.items() if word in message), Wait.DAY))
    return Answer(CODES.get(code, Action.UNKNOWN))
