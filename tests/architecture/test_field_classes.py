"""Columns that hold what not everybody may see are declared, and masked wherever they are shown (promise P10)."""

import re
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import models

from products.orders.models import Order, OrderContact
from products.orders.tables import OrderTable
from shopops.access import field_classes, fields
from shopops.access.declare import permissions
from shopops.access.field_classes import COST, CREDENTIALS, PAY, PERSONAL, WORDS, FieldClass, Fields
from shopops.access.serializers import ClassedSerializer
from shopops.accounts import role_pages
from shopops.accounts.models import User
from shopops.reveals.kinds import revealables
from shopops.ui import timeline
from shopops.ui.reading import Reading
from shopops.ui.tables import Column, Table
from tests.factories.orders import make_channel, make_customer, make_order

PERSONAL_WORDS = {
    "phone", "mobile", "tel", "telephone", "email", "mail", "address", "street", "birthday", "birth", "receiver", "recipient",
    "recipients", "buyer", "nick", "contact", "passport", "identity", "wechat", "qq", "salary", "wage", "bonus", "payslip",
    "cost", "margin", "password", "secret", "token", "digest", "cipher", "message", "memo", "iban", "account",
}  # fmt: skip
# What sounds personal and is not: each with its reason.
NOT_CLASSED = {
    ("shopops_suppression", "digest"): "the keyed hash that keeps an erased person from coming back, shown nowhere",
    ("shopops_seal", "digest"): "a hash of the history itself",
    ("shopops_preference", "mail"): "how often mails are sent",
}
HARMLESS = {
    re.compile(r".*_mask$"): "the mask itself",
    re.compile(r".*_tail$"): "the last four digits: what lists are searched by",
    re.compile(r"^(message|error)$"): "a refusal's words, without values (import rejects, jobs, mails)",
}


# The expectation kept by hand: what is declared where. A declaration that goes in the code alone turns this red.
DECLARED = {
    ("customers_customer", "name"): PERSONAL,
    ("customers_identity", "key"): PERSONAL,
    ("customers_identity", "label"): PERSONAL,
    ("products_order", "buyer"): PERSONAL,
    ("products_order", "buyer_key"): PERSONAL,
    ("products_order", "message"): WORDS,
    ("products_order", "memo"): WORDS,
    ("products_order", "note"): WORDS,
    **{
        ("products_ordercontact", column): PERSONAL
        for column in ("name", "phone", "email", "address", "phone_digest", "phone_tail", "email_digest")
    },
    ("products_refund", "buyer_key"): PERSONAL,
    ("products_replacedcontact", "content"): PERSONAL,
    ("shopops_apitoken", "digest"): CREDENTIALS,
    ("shopops_attachment", "name"): WORDS,
    ("shopops_comment", "text"): WORDS,
    ("shopops_importreject", "cells"): PERSONAL,
    **{("shopops_mail", column): PERSONAL for column in ("recipients", "text", "source")},
    ("shopops_resetrequest", "asked"): PERSONAL,
    ("shopops_user", "email"): PERSONAL,
    ("shopops_user", "password"): CREDENTIALS,
}


def declared_now():
    return {key: item.field_class for key, item in field_classes.classes().items()}


def test_the_declarations_are_those_kept_by_hand():
    assert declared_now() == DECLARED


def business_columns():
    for model in apps.get_models():
        if model._meta.app_label in {
            "shopops",
            "hr_finance",
            "products",
            "visual",
            "customers",
            "marketing",
            "analytics",
        }:
            for field in model._meta.concrete_fields:
                yield model, field


def sounds_personal(field):
    words = set(re.split(r"[^a-z0-9]+", f"{field.name} {field.verbose_name}".lower().replace("e-mail", "email")))
    return bool(words & PERSONAL_WORDS)


def unclassed():
    return [
        (model._meta.db_table, field.column)
        for model, field in business_columns()
        if sounds_personal(field)
        and not field_classes.class_of(model._meta.db_table, field.column)
        and (model._meta.db_table, field.column) not in NOT_CLASSED
        and not isinstance(field, models.ForeignKey | models.IntegerField)  # links are by right, counts are counts
        and not any(pattern.match(field.name) for pattern in HARMLESS)
    ]


def test_what_sounds_personal_is_classed_or_says_why_not():
    assert unclassed() == []


def test_the_test_finds_a_new_column(monkeypatch):
    bare = {key: value for key, value in field_classes.classes().items() if key != ("products_ordercontact", "phone")}
    monkeypatch.setattr(field_classes, "classes", lambda: bare)

    assert ("products_ordercontact", "phone") in unclassed()


def test_each_declared_column_exists():
    tables = {
        model._meta.db_table: {field.column for field in model._meta.concrete_fields} for model in apps.get_models()
    }

    assert [key for key in field_classes.classes() if key[1] not in tables[key[0]]] == []
    shown_by = field_classes.shown_by()
    assert {item.field_class for item in field_classes.classes().values()} <= {PERSONAL, CREDENTIALS, WORDS, *shown_by}
    assert set(shown_by.values()) <= set(permissions())


def test_what_can_be_uncovered_is_personal():
    for table, kind in revealables().items():
        for name in kind.fields:
            assert field_classes.class_of(table, kind.model._meta.get_field(name).column) == PERSONAL, (table, name)


# --- one function for all places


def person(*codes):
    held = frozenset(codes)
    return SimpleNamespace(
        is_authenticated=True, is_active=True, seeing_as=None, has_perm=lambda code, _obj=None: code in held
    )


@pytest.fixture
def classed(monkeypatch):
    """Class what is no secret, so that each class has a field to show."""
    declared = field_classes.classes() | {
        ("products_order", "paid"): Fields(Order, COST, ("paid",)),
        ("products_order", "postage"): Fields(Order, PAY, ("postage",)),
        ("products_order", "talent"): Fields(Order, CREDENTIALS, ("talent",)),
    }
    monkeypatch.setattr(field_classes, "classes", lambda: declared)
    fields.classed.cache_clear()
    yield
    fields.classed.cache_clear()


@pytest.mark.parametrize(
    ("field", "value", "codes", "shown"),
    [
        ("number", "A1", (), "A1"),
        ("buyer", "林小鹿", (), "林**"),
        ("buyer", "lin@example.com", ("personal.reveal",), "l***@example.com"),
        ("buyer", "13812346027", (), "138****6027"),
        ("paid", 12, (), None),
        ("paid", 12, ("cost.view",), 12),
        ("postage", 3, ("cost.view",), None),
        ("postage", 3, ("pay.view",), 3),
        ("talent", "key", ("pay.view", "cost.view"), fields.HIDDEN),
        ("message", "quick please", (), "quick please"),
    ],
)
def test_each_class_is_shown_to_whom_it_may_be(classed, field, value, codes, shown):
    order = Order(**{field: value})

    assert fields.shown(person(*codes), order, field) == shown
    assert fields.shown(person(*codes), {field: value}, field, model=Order) == shown


def test_a_class_of_a_topic_s_own_is_shown_by_its_permission_alone(monkeypatch):
    declared = {
        ("field_classes", "CLASSES"): [FieldClass("fees", "fees.view")],
        ("field_classes", "FIELD_CLASSES"): [Fields(Order, "fees", ("paid",))],
    }
    monkeypatch.setattr(field_classes, "registered", lambda *what: declared[what])
    monkeypatch.setattr(field_classes, "shown_by", field_classes.shown_by.__wrapped__)
    monkeypatch.setattr(field_classes, "classes", field_classes.classes.__wrapped__)
    for module in (fields, timeline, role_pages):
        monkeypatch.setattr(module, "shown_by", field_classes.shown_by)
    monkeypatch.setattr(fields, "classed", fields.classed.__wrapped__)

    for codes, value in (((), None), (("cost.view", "pay.view"), None), (("fees.view",), 12)):
        assert fields.shown(person(*codes), Order(paid=12), "paid") == value
        assert timeline.hidden_from(person(*codes), "products_order", "paid") is (value is None)
    assert role_pages.sort_of("fees.view") == role_pages.REVEALS


def test_a_record_s_own_mask_is_used():
    contact = OrderContact(phone=b"cipher", phone_mask="138****6027")

    assert fields.shown(person(), contact, "phone") == "138****6027"


def test_paths_are_followed():
    assert fields.classed(Order, "contact.phone").field_class == PERSONAL
    assert fields.classed(Order, "customer.name").field_class == PERSONAL
    assert fields.classed(Order, "channel.title") is None
    assert fields.classed(Order, "get_absolute_url") is None


def test_who_sees_as_a_role_reads_no_words_of_people():
    admin = person()
    admin.seeing_as = "planner"

    assert fields.shown(admin, Order(message="call me at home"), "message") == fields.HIDDEN


class NaiveTable(Table):
    """A list whose author thought of nothing."""

    number = Column("Number")
    buyer = Column("Buyer")
    name = Column("Name", field="customer.name")
    paid = Column("Paid", format="money")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["page", "csv", "xlsx"])
def test_a_list_whose_author_thought_of_nothing_masks_all_the_same(classed, make_user, kind):
    order = make_order(make_channel(), customer=make_customer("canary-nick"), paid="4321.00")
    user, rows = make_user("designer"), Order.objects.select_related("customer")

    if kind == "page":
        text = str([cell.text for line in NaiveTable(rows, user=user).lines() for cell in line["cells"]])
    else:
        text = str(list(Reading(rows.order_by("pk"), NaiveTable([], user=user), typed=kind == "xlsx").blocks()))

    assert order.number in text
    assert "canary-nick" not in text
    assert "4321" not in text
    assert "4,321" not in text


@pytest.mark.django_db
def test_the_api_masks_by_the_same_function(classed, make_user):
    class OrderSerializer(ClassedSerializer):
        class Meta:
            model = Order
            fields = ["number", "buyer", "paid"]

    order = make_order(make_channel(), customer=make_customer("canary-nick"), paid="4321.00")
    answer = OrderSerializer(order, context={"request": SimpleNamespace(user=make_user("designer"))}).data

    assert answer == {"number": order.number, "buyer": "c***", "paid": None}


def test_every_column_of_the_lists_is_masked_by_its_class():
    """Columns that read a classed field by themselves are masked by the table; none of these shows it raw."""
    table = OrderTable([], user=person("orders.view"))

    assert table.file_buyer(None, "林小鹿") == "林**"
    assert User._meta.get_field("email")
    assert fields.classed(User, "email").seen_by == "accounts.view"
