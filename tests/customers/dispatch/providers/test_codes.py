"""What we do on each code of a provider: the table of the formats, written out by hand."""

import json
from pathlib import Path

import pytest

from customers.dispatch.providers import aliyun, tencent
from customers.dispatch.providers.actions import Action, Answer, Wait, held_until
from tests.customers.clocks import moment, shown

FOLDER = Path(__file__).parents[3] / "data" / "formats" / "sms"
ALIYUN = """
accept          OK DELIVERED
pause_campaign  isv.DAY_LIMIT_CONTROL isv.MONTH_LIMIT_CONTROL
stop_all        isv.AMOUNT_NOT_ENOUGH isv.OUT_OF_SERVICE isv.ACCOUNT_NOT_EXISTS isv.ACCOUNT_ABNORMAL
stop_campaign   isv.SMS_SIGNATURE_ILLEGAL isv.SMS_TEMPLATE_ILLEGAL isv.TEMPLATE_MISSING_PARAMETERS
stop_campaign   isv.TEMPLATE_PARAMS_ILLEGAL isv.INVALID_JSON_PARAM isv.INVALID_PARAMETERS isv.SMS_CONTENT_ILLEGAL
stop_campaign   isv.UNSUPPORTED_CONTENT isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE isv.BLACK_KEY_CONTROL_LIMIT
stop_campaign   isv.PARAM_NOT_SUPPORT_URL
reject          isv.PARAM_LENGTH_LIMIT
bad_number      isv.MOBILE_NUMBER_ILLEGAL INVALID_NUMBER
off_service     MOBILE_NOT_ON_SERVICE
stop_campaign   isv.MOBILE_COUNT_OVER_LIMIT
suppress        isv.CUSTOMER_REFUSED MOBILE_IN_BLACK
reject          MOBILE_SEND_LIMIT IS_CLOSE CONTENT_KEYWORD FILTER VALVE:M_MC VALVE:H_MC VALVE:D_MC
retry           isp.SYSTEM_ERROR isp.GATEWAY_ERROR Throttling Throttling.User
stop_all        isp.RAM_PERMISSION_DENY isv.DENY_IP_RANGE SignatureDoesNotMatch InvalidTimeStamp.Expired
"""
TENCENT = """
accept          Ok SUCCESS
suppress        FailedOperation.PhoneNumberInBlacklist
stop_campaign   FailedOperation.ContainSensitiveWord FailedOperation.SignatureIncorrectOrUnapproved
stop_campaign   FailedOperation.TemplateIncorrectOrUnapproved
stop_campaign   FailedOperation.TemplateParamSetNotMatchApprovedTemplate
stop_campaign   InvalidParameterValue.MarketingTemplateWithoutUnsubscribe
stop_campaign   InvalidParameterValue.ProhibitedUseUrlInTemplateParameter
bad_number      InvalidParameterValue.IncorrectPhoneNumber
stop_all        FailedOperation.InsufficientBalanceInSmsPackage UnauthorizedOperation.ServiceSuspendDueToArrears
stop_all        UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny
stop_all        AuthFailure.SignatureFailure
retry           InternalError.Timeout InternalError.OtherError InternalError
reject          FAIL
"""


def table(text):
    rows = (line.split() for line in text.strip().splitlines())
    return [(code, Action(action)) for action, *codes in rows for code in codes]


@pytest.mark.parametrize(("code", "action"), table(ALIYUN))
def test_alibaba_cloud(code, action):
    assert aliyun.answer(code) == Answer(action)


@pytest.mark.parametrize(("code", "action"), table(TENCENT))
def test_tencent_cloud(code, action):
    assert tencent.answer(code) == Answer(action)


def test_no_code_is_known_that_the_tables_do_not_have():
    assert aliyun.CODES.keys() == dict(table(ALIYUN)).keys()
    assert tencent.CODES.keys() <= dict(table(TENCENT)).keys()


@pytest.mark.parametrize("read", [aliyun.answer, tencent.answer])
@pytest.mark.parametrize("code", ["", "isv.SOMETHING_NEW", "FailedOperation.SomethingNew"])
def test_a_code_nobody_told_us_of_is_unknown_and_not_tried_again(read, code):
    assert read(code) == Answer(Action.UNKNOWN)


@pytest.mark.parametrize(
    ("message", "until"),
    [
        ("触发分钟级流控Permits:1", "2026-03-10 10:21:30"),
        ("触发小时级流控Permits:5", "2026-03-10 11:00:00"),
        ("触发天级流控Permits:10", "2026-03-11 10:20:30"),
        ("", "2026-03-11 10:20:30"),
    ],
)
def test_flow_control_holds_the_number_as_long_as_its_message_says(message, until):
    answer = aliyun.answer("isv.BUSINESS_LIMIT_CONTROL", message)

    assert answer.action == Action.HOLD
    assert shown(answer.until(moment("2026-03-10 10:20:30"))) == until


@pytest.mark.parametrize(
    ("code", "until"),
    [
        ("LimitExceeded.PhoneNumberThirtySecondLimit", "2026-03-10 22:01:00"),
        ("LimitExceeded.PhoneNumberOneHourLimit", "2026-03-10 23:00:00"),
        ("LimitExceeded.PhoneNumberDailyLimit", "2026-03-11 22:00:30"),
        ("LimitExceeded.PhoneNumberSameContentDailyLimit", "2026-03-11 22:00:30"),
        ("LimitExceeded.DeliveryFrequencyLimit", "2026-03-10 22:01:00"),
        ("LimitExceeded.AppDailyLimit", "2026-03-11 22:00:30"),
        ("FailedOperation.MarketingSendTimeConstraint", "2026-03-11 08:00:00"),
    ],
)
def test_tencent_clouds_limits_hold(code, until):
    answer = tencent.answer(code)

    assert answer.action == Action.HOLD
    assert shown(answer.until(moment("2026-03-10 22:00:30"))) == until


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-10 07:59:00", "2026-03-10 08:00:00"),
        ("2026-03-10 08:00:00", "2026-03-10 08:01:00"),  # the provider's clock is slower: not a day
        ("2026-03-10 21:59:59", "2026-03-11 08:00:00"),
    ],
)
def test_where_the_providers_night_is_not_ours_the_next_morning_is_waited_for(now, until):
    assert shown(held_until(Wait.NEXT_MORNING, moment(now))) == until


def test_only_a_held_message_has_a_moment():
    assert Answer(Action.RETRY).until(moment("2026-03-10 10:00:00")) is None


def test_the_samples_answers():
    sent = json.loads((FOLDER / "aliyun_send.responses.json").read_text(encoding="utf-8"))
    told = [aliyun.answer(answer["body"]["Code"], answer["body"]["Message"]).action for answer in sent]
    per_number, whole = json.loads((FOLDER / "tencent_send.responses.json").read_text(encoding="utf-8"))

    assert told == ["accept", "hold", "stop_all", "bad_number", "retry", "stop_all"]
    assert [tencent.answer(status["Code"]).action for status in per_number["body"]["Response"]["SendStatusSet"]] == [
        "accept",
        "hold",
    ]
    assert tencent.answer(whole["body"]["Response"]["Error"]["Code"]).action == "stop_all"
