"""Calls are signed as the providers' own programs sign them (vectors of both)."""

import json
from datetime import UTC, datetime
from pathlib import Path

from customers.dispatch.providers import aliyun, tencent

FOLDER = Path(__file__).parents[3] / "data" / "formats" / "sms"


def vector(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_alibaba_cloud():
    given = vector("aliyun_acs3_vector.json")

    request = aliyun.canonical_request(given["method"], given["query"], given["headers"], given["body"].encode())
    headers = aliyun.signed_headers(
        "SendSms",
        given["query"],
        key_id=given["access_key_id"],
        secret=given["access_key_secret"],
        now=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        nonce=given["headers"]["x-acs-signature-nonce"],
    )

    assert request == given["canonical_request"]
    assert headers == given["headers"] | {"Authorization": given["authorization"]}


def test_alibaba_cloud_signs_what_a_form_adds():
    options = {"key_id": "i", "secret": "s", "now": datetime(2026, 1, 2, tzinfo=UTC), "nonce": "n"}

    plain = aliyun.signed_headers("SendBatchSms", {}, b"a=1", **options)
    typed = aliyun.signed_headers(
        "SendBatchSms", {}, b"a=1", **options, more={"Content-Type": "application/x-www-form-urlencoded"}
    )

    assert "SignedHeaders=content-type;host;x-acs-action" in typed["Authorization"]
    assert typed["content-type"] == "application/x-www-form-urlencoded"
    assert plain["Authorization"] != typed["Authorization"]
    assert (
        plain["x-acs-content-sha256"]
        != aliyun.signed_headers("SendBatchSms", {}, b"a=2", **options)["x-acs-content-sha256"]
    )


def test_alibaba_clouds_query_is_encoded_as_it_is_signed():
    assert aliyun.canonical_query({"b": "a b*~/+", "a": "禾"}) == "a=%E7%A6%BE&b=a%20b%2A~%2F%2B"


def test_tencent_cloud():
    given = vector("tencent_tc3_vector.json")
    now, payload = datetime.fromtimestamp(given["timestamp"], UTC), given["payload"].encode()

    headers = tencent.signed_headers(
        "SendSms",
        payload,
        secret_id=given["secret_id"],
        secret_key=given["secret_key"],
        region="ap-guangzhou",
        now=now,
    )

    assert tencent.canonical_request(payload) == given["canonical_request"]
    assert tencent.string_to_sign(given["canonical_request"], now) == given["string_to_sign"]
    assert headers == given["headers"] | {"Host": given["host"], "Authorization": given["authorization"]}


def test_tencent_clouds_day_is_the_one_in_utc():
    now = datetime.fromisoformat("2026-01-03T07:59:59+08:00")

    assert (
        "/2026-01-02/sms/tc3_request"
        in tencent.signed_headers("SendSms", b"{}", secret_id="i", secret_key="k", region="r", now=now)["Authorization"]
    )
