"""What a marketing mail needs before it goes out (handbook 3 §5.2)."""

import pytest

from customers.messages.domains import aligned, organisation
from customers.messages.edm import Authentication, Missing, edm_check
from tests.handbook import cases

WHOLE = {
    "From": "青禾 <vip@mail.qinghe.example>",
    "Subject": "广告 会员日全场八折",
    "List-Unsubscribe": "<mailto:u@qinghe.example>, <https://qinghe.example/u/TOKEN>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
SIGNED = Authentication(dkim_pass=True, dkim_domain="qinghe.example")


def check(headers=None, *, is_marketing=True, has_link_in_body=True, authentication=SIGNED):
    return edm_check(
        WHOLE | (headers or {}),
        is_marketing=is_marketing,
        has_link_in_body=has_link_in_body,
        authentication=authentication,
    )


@pytest.mark.parametrize(*cases("edm_check"))
def test_what_is_missing_is_named_in_order(given, expected):
    missing = edm_check(
        given["headers"],
        is_marketing=given["marketing"],
        has_link_in_body=given.get("unsubscribe_link_in_body", False),
        authentication=Authentication(given["dkim_pass"], given["dkim_domain"]),
    )

    assert [point.value for point in missing] == expected["missing"]


@pytest.mark.parametrize(
    ("subject", "labelled"),
    [
        ("广告：八折", True),
        ("（广告）八折", False),
        ("AD八折", True),
        ("AD: sale", True),
        ("ADIDAS 新品", False),
        ("ad 八折", False),
        ("", False),
    ],
)
def test_the_subject_begins_with_the_label(subject, labelled):
    assert check({"Subject": subject}) == ([] if labelled else [Missing.AD_LABEL])


def test_one_click_needs_https_and_the_second_header():
    assert check({"List-Unsubscribe": "<http://qinghe.example/u/T>"}) == [Missing.LIST_UNSUBSCRIBE_HTTPS]
    assert check({"List-Unsubscribe-Post": "yes"}) == [Missing.LIST_UNSUBSCRIBE_POST]


def test_header_names_are_read_in_any_case():
    headers = {name.upper(): value for name, value in WHOLE.items()}

    assert edm_check(headers, is_marketing=True, has_link_in_body=True, authentication=SIGNED) == []


def test_a_service_message_needs_its_sender_proved_and_no_label():
    bare = {"Subject": "已发货", "List-Unsubscribe": "", "List-Unsubscribe-Post": ""}

    assert check(bare, is_marketing=False, has_link_in_body=False) == []
    assert check(bare, is_marketing=False, authentication=Authentication()) == [Missing.DMARC_ALIGNMENT]


@pytest.mark.parametrize(
    ("proof", "counts"),
    [
        (Authentication(spf_pass=True, spf_domain="bounce.qinghe.example"), True),
        (Authentication(spf_pass=True, spf_domain="provider.example"), False),
        (Authentication(dkim_pass=False, dkim_domain="qinghe.example"), False),
        (Authentication(True, "provider.example", spf_pass=True, spf_domain="qinghe.example"), True),
    ],
)
def test_signature_or_sender_check_speaks_for_the_senders_own_domain(proof, counts):
    assert check(authentication=proof) == ([] if counts else [Missing.DMARC_ALIGNMENT])


@pytest.mark.parametrize(
    ("domain", "registered"),
    [
        ("mail.qinghe.com.cn", "qinghe.com.cn"),
        ("qinghe.com.cn", "qinghe.com.cn"),
        ("a.b.qinghe.cn", "qinghe.cn"),
        ("shop.qinghe.bj.cn", "qinghe.bj.cn"),
        ("news.shop.co.uk", "shop.co.uk"),
        ("news.shop.com", "shop.com"),
        ("NEWS.Shop.Example.", "shop.example"),
        ("mail.青禾.中国", "xn--2lzs91d.xn--fiqs8s"),
        ("localhost", "localhost"),
    ],
)
def test_what_somebody_registers_stands_before_the_public_suffix(domain, registered):
    assert organisation(domain) == registered


def test_two_shops_under_one_public_suffix_are_strangers():
    assert not aligned("qinghe.com.cn", "fengfan.com.cn")
    assert aligned("vip.qinghe.com.cn", "mail.qinghe.com.cn")
    assert not aligned("", "")
