"""Delivery reports, complaints and providers' calls, read from what they really look like."""

import json
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.dispatch import verp
from customers.dispatch.bounces import Kind
from customers.dispatch.mail_events import MailEvent, from_directmail, from_mailgun, from_ses, from_tencent
from customers.dispatch.reports import read_report
from customers.dispatch.verp import Reference

FOLDER = Path(__file__).parents[2] / "data" / "formats" / "email"
TOKEN = "0123456789abcdef"
KEY = b"k" * 32


def sample(name):
    return (FOLDER / name).read_bytes()


def called(name):
    return json.loads(sample(name))


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("dsn_hard_5.1.1.eml", Kind.HARD, "5.1.1"),
        ("dsn_soft_4.2.2_gave_up.eml", Kind.SOFT, "4.2.2"),
        ("dsn_delayed_4.4.1.eml", Kind.NOTE, "4.4.1"),
    ],
)
def test_a_delivery_report_names_recipient_code_and_delivery(name, kind, status):
    [report] = read_report(sample(name))

    assert (report.kind, report.status, report.recipient) == (kind, status, "nobody@example.com")
    assert report.reference == Reference(42, 7, TOKEN)
    assert report.message_id == f"<dsn-{status}@mx.example>"


def test_without_the_return_path_our_header_in_the_original_names_the_delivery():
    raw = sample("dsn_hard_5.1.1.eml").replace(f"bounce+c42-m7-{TOKEN}@".encode(), b"postmaster@")

    assert [report.reference for report in read_report(raw)] == [Reference(42, 7)]


def test_without_both_the_recipient_has_to_do():
    raw = sample("dsn_hard_5.1.1.eml").replace(b"bounce+", b"bounces+").replace(b"X-ShopOps-Delivery", b"X-Other")

    [report] = read_report(raw)
    assert (report.reference, report.recipient) == (None, "nobody@example.com")


def test_a_report_of_two_recipients_is_two_reports():
    again = b"Final-Recipient: rfc822; Full@Example.com\nAction: failed\nStatus: 5.2.2\n\n--TESTBOUNDARY\nContent-Type: text/rfc822"
    raw = sample("dsn_hard_5.1.1.eml").replace(b"\r\n", b"\n")
    raw = raw.replace(b"--TESTBOUNDARY\nContent-Type: text/rfc822", again)

    told = [(report.recipient, report.kind) for report in read_report(raw)]
    assert told == [("nobody@example.com", Kind.HARD), ("full@example.com", Kind.SOFT)]


def test_a_complaint_names_the_delivery_it_is_about():
    [report] = read_report(sample("arf_complaint.eml"))

    assert (report.kind, report.recipient) == (Kind.COMPLAINT, "buyer1@example.com")
    assert report.reference == Reference(42, 9)


def test_feedback_other_than_abuse_suppresses_nobody():
    raw = sample("arf_complaint.eml").replace(b"Feedback-Type: abuse", b"Feedback-Type: not-spam")

    assert [report.kind for report in read_report(raw)] == [Kind.NOTE]


def test_an_automatic_reply_is_no_report():
    assert read_report(sample("auto_reply.eml")) == []


@for_all(some.binary(max_size=400), some.integers(0, 1700), some.integers(0, 40))
def test_a_damaged_report_is_read_as_far_as_it_goes(noise, place, cut):
    raw = sample("dsn_hard_5.1.1.eml")

    for report in read_report(raw[:place] + noise + raw[place + cut :]):
        assert report.recipient
    read_report(noise)


def test_a_return_path_is_ours_when_it_bears_our_token():
    address = verp.return_path(42, 7, domain="shop.example", key=KEY)

    found = verp.read_return_path(f" <{address.upper()}> ")
    assert found is not None
    assert verp.is_ours(found, key=KEY)
    assert not verp.is_ours(found, key=b"x" * 32)
    assert not verp.is_ours(found._replace(member=8), key=KEY)
    assert not verp.is_ours(Reference(42, 7), key=KEY)


@pytest.mark.parametrize(
    "address",
    ["news@shop.example", "bounce+c42-m7-xyz@shop.example", "bounce+c-m7@shop.example", "bounce+c42-m7-0@a b"],
)
def test_another_address_is_no_return_path(address):
    assert verp.read_return_path(address) is None


@for_all(some.integers(0, 10**18 - 1), some.integers(0, 10**18 - 1))
def test_what_a_return_path_says_is_what_it_was_made_of(campaign, member):
    found = verp.read_return_path(verp.return_path(campaign, member, domain="shop.example", key=KEY))

    assert found == (campaign, member, verp.token(campaign, member, key=KEY))


def kinds(told):
    return [(event.recipient, event.kind) for event in told]


@pytest.mark.parametrize(
    ("name", "recipient", "kind"),
    [
        ("ses_sns.bounce_permanent.json", "nobody@example.com", Kind.HARD),
        ("ses_sns.bounce_transient.json", "nobody@example.com", Kind.SOFT),  # a library calls both "bounced"
        ("ses_sns.complaint.json", "buyer1@example.com", Kind.COMPLAINT),
        ("ses_sns.delivery.json", "buyer1@example.com", Kind.DELIVERED),
    ],
)
def test_ses_speaks_by_the_recipient(name, recipient, kind):
    assert kinds(from_ses(called(name))) == [(recipient, kind)]


def test_sns_asking_for_a_subscription_is_no_event():
    assert from_ses({"Type": "SubscriptionConfirmation", "Message": "You have chosen …"}) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mailgun.failed_permanent.json", Kind.HARD),
        ("mailgun.failed_temporary.json", Kind.NOTE),  # tried again by the provider
        ("mailgun.suppress_bounce.json", Kind.HARD),
        ("mailgun.complained.json", Kind.COMPLAINT),
        ("mailgun.unsubscribed.json", Kind.UNSUBSCRIBED),
    ],
)
def test_mailgun_speaks_by_the_call(name, kind):
    assert kinds([from_mailgun(called(name))]) == [("nobody@example.com", kind)]


def test_directmail_gives_one_id_to_several_types():
    told = [from_directmail(event) for event in called("aliyun_directmail.events.json")]

    assert [event.kind for event in told] == [Kind.HARD, Kind.DELIVERED, Kind.NOTE, Kind.UNSUBSCRIBED]
    assert len({(event.event_id, event.recipient, event.word) for event in told}) == 4


def test_tencent_speaks_of_hard_and_soft():
    told = [from_tencent(event) for event in called("tencent_ses.events.json")]
    bounced = called("tencent_ses.events.json")[1]

    assert [event.kind for event in told] == [Kind.DELIVERED, Kind.HARD, Kind.NOTE]
    assert from_tencent(bounced | {"bounceType": "soft_bounce"}).kind == Kind.SOFT
    assert from_tencent(bounced | {"event": "spamreport"}).kind == Kind.COMPLAINT
    assert told[0] == MailEvent("qcloud-1-a:1767323049", "buyer1@example.com", "delivered", Kind.DELIVERED)
