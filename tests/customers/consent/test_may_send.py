"""Who may be written to, and when (handbook 3 §5)."""

from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.consent.kinds import Channel, Entry, Outcome, Purpose
from customers.consent.may_send import (
    CAPS,
    Consent,
    Reason,
    Recipient,
    Result,
    Sent,
    Verdict,
    cap_reached,
    consent_refusal,
    first_reason,
    may_send,
    next_open,
)
from shopops import clock
from tests.customers.clocks import moment, shown
from tests.handbook import cases

NOON = moment("2026-03-10 12:00:00")


def consent(kind=Entry.GRANT, at="2026-01-01 00:00:00", purpose=Purpose.MARKETING, channel=Channel.SMS, expires=None):
    return Consent(Entry(kind), Purpose(purpose), Channel(channel), moment(at), expires and moment(expires))


def person(*consents, **traits):
    return Recipient(consents=consents or (consent(),), **traits)


def ask(recipient, now=NOON, purpose=Purpose.MARKETING):
    return may_send(recipient, purpose=purpose, channel=Channel.SMS, now=now)


@pytest.mark.parametrize(*cases("may_send"))
def test_the_first_reason_that_applies_is_counted_then_the_night_postpones(given, expected):
    customer = given["customer"]
    recipient = Recipient(
        consents=tuple(
            consent(line["type"], line["at"], line["purpose"], line["channel"]) for line in customer["consents"]
        ),
        sent=tuple(Sent(moment(at), Outcome(outcome)) for at, outcome in customer.get("sent", [])),
    )

    verdict = may_send(
        recipient, purpose=Purpose(given["purpose"]), channel=Channel(given["channel"]), now=moment(given["now"])
    )

    told = {"result": verdict.result.value}
    if verdict.reason:
        told["reason"] = verdict.reason.value
    if verdict.until:
        told["until"] = shown(verdict.until)
    assert told == expected


def test_reasons_are_counted_in_their_order():
    """With every reason at once the first is told; taken away, the next."""
    often = tuple(Sent(NOON - timedelta(days=days), Outcome.SENT) for days in (1, 8, 9, 10))
    traits = {"is_erased": True, "is_bad_address": True, "is_blacklisted": True, "is_minor": True}
    told = []

    for trait in list(traits):
        told.append(ask(Recipient(sent=often, **traits)).reason)
        del traits[trait]
    ledgers = ((), (consent(Entry.WITHDRAW),), (consent(expires="2026-03-01 00:00:00"),), (consent(),))
    told += [ask(Recipient(consents=consents, sent=often)).reason for consents in ledgers]
    told.append(ask(Recipient(consents=(consent(),), sent=(*often[1:], often[1]))).reason)

    assert told == list(Reason)


@pytest.mark.parametrize("purpose", [Purpose.SERVICE, Purpose.MARKETING])
def test_consent_to_one_purpose_is_none_to_the_other(purpose):
    other = next(each for each in Purpose if each != purpose)

    assert ask(person(consent(purpose=other)), purpose=purpose) == Verdict(Result.EXCLUDED, Reason.NO_CONSENT)


def test_service_messages_skip_caps_and_hours_but_not_the_rest():
    night = moment("2026-03-10 23:30:00")
    told = person(consent(purpose=Purpose.SERVICE), sent=(Sent(night, Outcome.SENT),))

    assert ask(told, night, Purpose.SERVICE) == Verdict(Result.SEND)
    assert ask(person(consent(purpose=Purpose.SERVICE), is_blacklisted=True), night, Purpose.SERVICE).reason == (
        Reason.BLACKLISTED
    )


def test_caps_are_tested_when_the_message_would_really_go_out():
    """At 23:00 the last message is six days and 15 hours old; next morning at eight it is a week and more."""
    sent = (Sent(moment("2026-03-04 08:00:00"), Outcome.DELIVERED),)

    assert ask(person(sent=sent), moment("2026-03-10 23:00:00")) == Verdict(
        Result.POSTPONED, until=moment("2026-03-11 08:00:00")
    )
    assert ask(person(sent=sent), moment("2026-03-10 21:00:00")).reason == Reason.CAP_7D


def test_a_consent_that_ends_in_the_night_allows_nothing_next_morning():
    assert ask(person(consent(expires="2026-03-11 03:00:00")), moment("2026-03-10 23:00:00")).reason == (
        Reason.CONSENT_EXPIRED
    )
    assert ask(person(consent(expires="2026-03-11 08:00:01")), moment("2026-03-10 23:00:00")).result == Result.POSTPONED


def test_a_withdrawal_wins_within_its_second_whatever_the_fraction():
    withdrawn = consent(Entry.WITHDRAW, "2026-02-01 00:00:00.100")
    given_anew = consent(Entry.GRANT, "2026-02-01 00:00:00.900")

    assert ask(person(consent(), given_anew, withdrawn)).reason == Reason.WITHDRAWN
    assert ask(person(withdrawn, consent(Entry.GRANT, "2026-02-01 00:00:01"))).result == Result.SEND


def test_four_within_thirty_days_are_enough():
    four = tuple(Sent(NOON - timedelta(days=days), Outcome.SENT) for days in (8, 15, 22, 29))

    assert ask(person(sent=four)).reason == Reason.CAP_30D
    assert ask(person(sent=(*four[:3], Sent(NOON - timedelta(days=30), Outcome.SENT)))).result == Result.SEND


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-10 07:59:59", "2026-03-10 08:00:00"),
        ("2026-03-10 08:00:00", "2026-03-10 08:00:00"),
        ("2026-03-10 21:59:59", "2026-03-10 21:59:59"),
        ("2026-03-10 22:00:00", "2026-03-11 08:00:00"),
        ("2026-12-31 23:59:59", "2027-01-01 08:00:00"),
    ],
)
def test_marketing_goes_out_from_eight_to_one_second_before_ten(now, opens):
    assert shown(next_open(moment(now))) == opens


moments = some.datetimes(
    moment("2026-01-01 00:00:00").replace(tzinfo=None), moment("2026-04-30 00:00:00").replace(tzinfo=None)
).map(lambda at: moment(at.isoformat()))
consents = some.builds(
    Consent,
    some.sampled_from(Entry),
    some.sampled_from(Purpose),
    some.sampled_from(Channel),
    moments,
    some.none() | moments,
)
sents = some.builds(Sent, moments, some.sampled_from(Outcome))
people = some.builds(
    Recipient,
    some.lists(consents, max_size=6).map(tuple),
    some.lists(sents, max_size=6).map(tuple),
    *[some.booleans()] * 4,
)


@for_all(people, some.sampled_from(Purpose), some.sampled_from(Channel), moments)
def test_what_goes_out_goes_out_with_consent_within_hours_and_caps(recipient, purpose, channel, now):
    verdict = may_send(recipient, purpose=purpose, channel=channel, now=now)

    if verdict.result == Result.EXCLUDED:
        assert verdict.reason is not None
        return
    at = verdict.until or now
    assert first_reason(recipient, purpose=purpose, channel=channel, at=at) is None
    assert any(line.entry == Entry.GRANT and line.at <= at for line in recipient.consents)
    if purpose == Purpose.MARKETING:
        assert 8 <= clock.store_time(at).hour < 22
        assert cap_reached(recipient.sent, at=at) is None


@for_all(people, moments)
def test_the_verdict_does_not_hang_on_the_order_of_lines(recipient, now):
    turned = Recipient(recipient.consents[::-1], recipient.sent[::-1])
    plain = Recipient(recipient.consents, recipient.sent)

    assert ask(turned, now) == ask(plain, now)


@for_all(some.lists(consents, max_size=6), moments, some.sampled_from(Channel))
def test_after_a_withdrawal_nothing_is_allowed_until_a_later_grant(lines, at, channel):
    lines.append(Consent(Entry.WITHDRAW, Purpose.MARKETING, channel, at))
    lines = [line for line in lines if line.at <= at]

    assert consent_refusal(lines, purpose=Purpose.MARKETING, channel=channel, at=at) == Reason.WITHDRAWN


def test_the_caps_are_one_in_a_week_and_four_in_thirty_days():
    assert [(cap.most, cap.window) for cap in CAPS] == [(1, timedelta(days=7)), (4, timedelta(days=30))]
