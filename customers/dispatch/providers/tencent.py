"""Tencent Cloud SMS (2021-01-11): how a call is signed (TC3) and what its codes mean."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final

from customers.dispatch.providers.actions import Action, Answer, Wait

HOST: Final = "sms.tencentcloudapi.com"
VERSION: Final = "2021-01-11"
_ALGORITHM: Final = "TC3-HMAC-SHA256"
_SIGNED: Final = "content-type;host"
_TYPE: Final = "application/json"


def canonical_request(payload: bytes) -> str:
    """Return what is signed of a POST of JSON."""
    return "\n".join(
        ["POST", "/", "", f"content-type:{_TYPE}", f"host:{HOST}", "", _SIGNED, hashlib.sha256(payload).hexdigest()]
    )


def string_to_sign(request: str, now: datetime) -> str:
    """Return the text whose HMAC is the signature: it names the second and the day in UTC."""
    digest = hashlib.sha256(request.encode()).hexdigest()
    return f"{_ALGORITHM}\n{int(now.timestamp())}\n{_scope(now)}\n{digest}"


def signed_headers(
    action: str, payload: bytes, *, secret_id: str, secret_key: str, region: str, now: datetime
) -> dict[str, str]:
    """Return the headers of a call, signed. ``payload`` is sent as it was signed, byte by byte."""
    text = string_to_sign(canonical_request(payload), now)
    key = f"TC3{secret_key}".encode()
    for part in _scope(now).split("/"):
        key = _hmac(key, part).digest()
    credential = f"{secret_id}/{_scope(now)}"
    proof = f"{_ALGORITHM} Credential={credential}, SignedHeaders={_SIGNED}, Signature={_hmac(key, text).hexdigest()}"
    return {
        "Content-Type": _TYPE,
        "Host": HOST,
        "X-TC-Action": action,
        "X-TC-Version": VERSION,
        "X-TC-Region": region,
        "X-TC-Timestamp": str(int(now.timestamp())),
        "Authorization": proof,
    }


def _scope(now: datetime) -> str:
    return f"{now.astimezone(UTC).date().isoformat()}/sms/tc3_request"


def _hmac(key: bytes, text: str) -> "hmac.HMAC":
    return hmac.new(key, text.encode(), hashlib.sha256)


_CODES: Final[dict[Action, str]] = {
    Action.ACCEPT: "Ok SUCCESS",
    Action.SUPPRESS: "FailedOperation.PhoneNumberInBlacklist",
    Action.STOP_CAMPAIGN: """
        FailedOperation.ContainSensitiveWord FailedOperation.SignatureIncorrectOrUnapproved
        FailedOperation.TemplateIncorrectOrUnapproved FailedOperation.TemplateParamSetNotMatchApprovedTemplate
        InvalidParameterValue.MarketingTemplateWithoutUnsubscribe
        InvalidParameterValue.ProhibitedUseUrlInTemplateParameter""",
    Action.BAD_NUMBER: "InvalidParameterValue.IncorrectPhoneNumber",
    Action.STOP_ALL: """
        FailedOperation.InsufficientBalanceInSmsPackage UnauthorizedOperation.ServiceSuspendDueToArrears
        UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny""",
    Action.REJECT: "FAIL",
}
CODES: Final = {code: action for action, codes in _CODES.items() for code in codes.split()}
HOLDS: Final = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": Wait.HALF_MINUTE,
    "LimitExceeded.PhoneNumberOneHourLimit": Wait.NEXT_HOUR,
    "LimitExceeded.PhoneNumberDailyLimit": Wait.DAY,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": Wait.DAY,
    "LimitExceeded.DeliveryFrequencyLimit": Wait.HALF_MINUTE,
    "LimitExceeded.AppDailyLimit": Wait.DAY,
    "FailedOperation.MarketingSendTimeConstraint": Wait.NEXT_MORNING,
}
_RETRIED: Final = "InternalError"
_CONFIGURATION: Final = "AuthFailure"


def answer(code: str) -> Answer:
    """Return what a code means: of one number, of a whole request, or the state of a receipt.

    The families InternalError.* (try again) and AuthFailure.* (wrong keys: stop all) count by their first word; a
    code nobody told us of is UNKNOWN.
    """
    if code in HOLDS:
        return Answer(Action.HOLD, HOLDS[code])
    family = code.partition(".")[0]
    if family == _RETRIED:
        return Answer(Action.RETRY)
    return Answer(Action.STOP_ALL if family == _CONFIGURATION else CODES.get(code, Action.UNKNOWN))
