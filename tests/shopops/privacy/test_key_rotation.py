"""A new field key: everything encrypted is made anew, nothing is lost, and the former key is needed no more."""

import io
import os
from base64 import b64encode

import pytest
from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.management import CommandError, call_command
from django.db import connection

from products.orders import staging
from products.orders.models import OrderContact, ReplacedContact
from shopops.access import personal
from shopops.access.personal import protect_phone, protect_text, reveal, seal
from shopops.exchange import boxes, uploads
from shopops.exchange.models import ImportReject
from shopops.history.actor import SYSTEM, acting
from shopops.privacy import ciphers
from tests.factories.orders import make_channel, make_order
from tests.factories.staged import make_batch, stage

pytestmark = pytest.mark.django_db
NEW = os.urandom(32)


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"
    protect_phone.cache_clear()
    yield
    protect_phone.cache_clear()


def first_version(text: str, key: bytes) -> bytes:
    nonce = os.urandom(12)
    return b"\x01" + nonce + AESGCM(key).encrypt(nonce, text.encode(), None)


@pytest.fixture
def filled(make_user, settings):
    """A cipher in every place there is, some of the first version."""
    shop = make_channel("tb", platform="taobao")
    orders = [make_order(shop) for _ in range(3)]
    batch = make_batch(shop, state="checked")
    with acting(SYSTEM):
        for number, order in enumerate(orders):
            phone = protect_phone(f"1540000{number:04d}")
            OrderContact.objects.create(
                order=order, name=first_version(f"林{number}", settings.FIELD_KEY), name_mask="林*", phone=phone.cipher,
                phone_digest=phone.digest, phone_mask=phone.mask, address=protect_text("测试路1号") if number else None,
            )  # fmt: skip
        kept = {"name": "\\x" + seal("旧名").hex(), "phone": None, "name_mask": "旧*"}
        ReplacedContact.objects.create(batch=batch, order_id=orders[0].pk, content=kept)
    ImportReject.objects.create(batch=batch, row_no=2, code="bad", message="bad", cells=seal('["林小美"]'))
    stage(
        batch,
        [{"rec": "order", "order_number": "A1", "phone_cipher": seal("+8615400009999"), "phone_mask": "154****9999"}],
    )
    Authenticator.objects.create(
        user=make_user("manager"), type="totp", data={"secret": b64encode(seal("JBSWY3DP")).decode()}
    )
    upload = uploads.keep(io.BytesIO(b"order file" * 200_000), name="orders.csv", by=None)
    return {"orders": orders, "batch": batch, "upload": upload, "old": settings.FIELD_KEY}


def all_left():
    return sum(map(ciphers.left, ciphers.tables())) + sum(len(list(kind.old())) for kind in ciphers.files())


def test_everything_is_made_anew_and_read_without_the_former_key(filled, settings, capsys):
    settings.FIELD_KEY, settings.FIELD_KEYS_OLD = NEW, [filled["old"]]
    assert all_left() >= 8
    assert reveal(OrderContact.objects.order_by("pk")[0].name) == "林0"

    call_command("rotate_keys", "--check")
    assert "0 left\n" not in capsys.readouterr().out.replace(": 0 left", "")
    call_command("rotate_keys")

    assert capsys.readouterr().out.endswith("\n0 left\n")
    settings.FIELD_KEYS_OLD = []
    contacts = list(OrderContact.objects.order_by("pk"))
    assert [reveal(contact.name) for contact in contacts] == ["林0", "林1", "林2"]
    assert [reveal(contact.phone) for contact in contacts] == [f"+861540000{number:04d}" for number in range(3)]
    assert [reveal(contact.address) for contact in contacts] == ["", "测试路1号", "测试路1号"]
    content = ReplacedContact.objects.get().content
    assert (reveal(bytes.fromhex(content["name"][2:])), content["phone"], content["name_mask"]) == ("旧名", None, "旧*")
    assert reveal(ImportReject.objects.get().cells) == '["林小美"]'
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT phone_cipher FROM stage.orders_{filled['batch'].pk}")
        assert reveal(cursor.fetchone()[0]) == "+8615400009999"
    from shopops.accounts.adapter import FactorAdapter

    assert FactorAdapter().decrypt(Authenticator.objects.get().data["secret"]) == "JBSWY3DP"
    assert b"".join(uploads.pieces(filled["upload"])) == b"order file" * 200_000


def test_a_rotation_broken_off_goes_on_where_it_was(filled, settings, monkeypatch):
    settings.FIELD_KEY, settings.FIELD_KEYS_OLD = NEW, [filled["old"]]
    monkeypatch.setattr(ciphers, "BATCH", 1)
    item = next(one for one in ciphers.tables() if one.table == "products_ordercontact")
    blocks, made = ciphers._blocks, []

    def broken(one):
        for rows in blocks(one):
            if made:
                raise KeyboardInterrupt
            made.append(rows)
            yield rows

    monkeypatch.setattr(ciphers, "_blocks", broken)
    with pytest.raises(KeyboardInterrupt):
        ciphers.renew(item)
    monkeypatch.setattr(ciphers, "_blocks", blocks)
    assert ciphers.left(item) == 2

    assert ciphers.renew(item) == (2, 0)
    assert ciphers.left(item) == 0


def test_without_the_former_key_nothing_is_lost_and_it_says_so(filled, settings, capsys):
    before = bytes(OrderContact.objects.order_by("pk")[0].name)
    settings.FIELD_KEY, settings.FIELD_KEYS_OLD = NEW, []

    with pytest.raises((CommandError, InvalidTag)):
        call_command("rotate_keys")

    assert bytes(OrderContact.objects.order_by("pk")[0].name) == before
    settings.FIELD_KEYS_OLD = [filled["old"]]
    call_command("rotate_keys")
    assert capsys.readouterr().out.endswith("\n0 left\n")


def test_a_cipher_is_bound_to_its_key_and_bytes(settings):
    cipher = seal("x")
    for place in (0, 1, 6, len(cipher) - 1):
        broken = bytearray(cipher)
        broken[place] ^= 1
        with pytest.raises(InvalidTag):
            reveal(bytes(broken))


def test_files_of_the_first_version_are_read(settings, tmp_path):
    import struct

    file_id, nonce = os.urandom(12), os.urandom(12)
    cipher = AESGCM(settings.FIELD_KEY).encrypt(nonce, b"plain", file_id + struct.pack(">Q", 0))
    (tmp_path / "media").mkdir()
    path = tmp_path / "media" / "old"
    path.write_bytes(b"SOFILE01" + file_id + struct.pack(">I", len(cipher)) + nonce + cipher)

    assert b"".join(boxes.take("old")) == b"plain"
    assert not boxes.is_current("old")
    boxes.renew("old")
    assert boxes.is_current("old")
    assert b"".join(boxes.take("old")) == b"plain"


def test_every_column_of_bytes_that_is_a_cipher_is_known_to_the_rotation(filled):
    """A new encrypted column nobody named would be lost with the key."""
    known = {(item.table, name) for item in ciphers.tables() for name in item.columns}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'bytea'"
        )
        columns = {(table, column) for table, column in cursor.fetchall()}
    no_ciphers = {
        ("products_ordercontact", "phone_digest"), ("products_ordercontact", "email_digest"), ("shopops_upload", "sha256"),
        ("shopops_mail", "source"), ("shopops_apitoken", "digest"), ("shopops_suppression", "digest"),
        ("shopops_attachment", "sha256"),
    }  # fmt: skip
    assert columns - known - no_ciphers == set()
    assert {("products_ordercontact", "phone"), ("shopops_importreject", "cells")} <= known
    assert staging.ciphers()
    assert personal.current_head() == seal("x")[:5]
