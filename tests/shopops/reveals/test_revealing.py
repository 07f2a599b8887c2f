"""One personal field at a time is uncovered for a reason, counted, and found in the access log."""

import pytest
from django.urls import reverse

from products.orders.models import Order, OrderContact
from shopops.access.personal import protect_email, protect_phone, protect_text
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.history.services import REVEALS_AN_HOUR
from tests.factories.orders import make_channel, make_customer, make_order

pytestmark = pytest.mark.django_db
PHONE, EMAIL = "13812346027", "canary-lin@example.com"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def order():
    order = make_order(make_channel("a-shop"), customer=make_customer("canary-nick"), province="广东省", city="深圳市")
    phone, email = protect_phone(PHONE), protect_email(EMAIL)
    with acting(SYSTEM):
        OrderContact.objects.create(
            order=order, name=protect_text("卡纳瑞"), name_mask="卡**", phone=phone.cipher, phone_tail=phone.tail,
            phone_mask=phone.mask, email=email.cipher, email_mask=email.mask, address=protect_text("学府路 1 号"),
        )  # fmt: skip
    return order


def address(order, field, table="products_ordercontact"):
    return reverse("reveals:reveal", args=[table, order.pk, field])


def test_a_number_is_shown_for_a_reason_and_the_history_says_who_looked(client_of, order):
    agent = client_of("service_agent")
    before = agent.get(f"/orders/{order.pk}/").content.decode()

    part = agent.post(address(order, "phone"), {"reason": "delivery"}, **HTMX)

    assert PHONE not in before
    assert f"+86{PHONE}" in part.content.decode()
    assert "138****6027" in part.content.decode()  # what stands there again after a minute
    assert "<html" not in part.content.decode()
    looked = Change.objects.get(op="reveal")
    assert (looked.actor_id, looked.changes) == (agent.user.pk, {"phone": "delivery"})


@pytest.mark.parametrize(
    ("field", "plain", "mask"),
    [
        ("name", "卡纳瑞", "卡**"),
        ("email", EMAIL, "c***@example.com"),
        ("address", "学府路 1 号", "广东省 深圳市 ****"),
    ],
)
def test_each_field_of_a_receiver_has_a_mask_and_can_be_uncovered(client_of, order, field, plain, mask):
    agent = client_of("service_agent")
    page = agent.get(f"/orders/{order.pk}/").content.decode()

    shown = agent.post(address(order, field), {"reason": "record"}, **HTMX).content.decode()

    assert mask in page
    assert plain not in page
    assert plain in shown


def test_the_name_on_a_platform_is_masked_and_uncovered_too(client_of, order):
    agent, identity = client_of("service_agent"), order.customer.identities.get()
    page = agent.get(f"/customers/{order.customer_id}/").content.decode()

    shown = agent.post(
        address(identity, "label", "customers_identity"), {"reason": "complaint"}, **HTMX
    ).content.decode()

    assert "canary-nick" not in page
    assert "canary-nick" in shown


def test_without_script_a_page_of_its_own_shows_it_and_is_kept_by_no_cache(client_of, order):
    answer = client_of("service_agent").post(address(order, "phone"), {"reason": "record"})

    assert f"+86{PHONE}" in answer.content.decode()
    assert order.number in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "given", [{}, {"reason": ""}, {"reason": "other"}, {"reason": "other", "words": " "}, {"reason": "made up"}]
)
def test_without_a_reason_nothing_is_shown(client_of, order, given):
    answer = client_of("service_agent").post(address(order, "phone"), given, **HTMX)

    assert answer.status_code == 422
    assert PHONE not in answer.content.decode()
    assert not Change.objects.filter(op="reveal").exists()


def test_another_reason_is_said_in_words(client_of, order):
    client_of("service_agent").post(address(order, "phone"), {"reason": "other", "words": "courier asks"}, **HTMX)

    assert Change.objects.get(op="reveal").changes == {"phone": "courier asks"}


def test_who_may_not_reveal_gets_neither_button_nor_answer(client_of, order):
    analyst = client_of("analyst")

    assert "/reveals/" not in analyst.get(f"/orders/{order.pk}/").content.decode()
    assert analyst.post(address(order, "phone"), {"reason": "record"}).status_code == 403


def test_an_hour_allows_a_limited_number_of_looks(client_of, order):
    agent = client_of("service_agent")
    counts = [agent.post(address(order, "phone"), {"reason": "record"}, **HTMX) for _number in range(REVEALS_AN_HOUR)]

    answer = agent.post(address(order, "phone"), {"reason": "record"}, **HTMX)

    assert f"3 of {REVEALS_AN_HOUR} within an hour" in counts[2].content.decode()
    assert answer.status_code == 422
    assert PHONE not in answer.content.decode()
    assert Change.objects.filter(op="reveal").count() == REVEALS_AN_HOUR


@pytest.mark.parametrize("field", ["phone_digest", "order", "password", "phone_mask"])
def test_only_personal_fields_can_be_asked_for(client_of, order, field):
    assert client_of("manager").post(address(order, field), {"reason": "record"}).status_code == 404


@pytest.mark.parametrize("table", ["products_order", "shopops_user", "nothing"])
def test_only_tables_that_say_so_can_be_asked(client_of, order, table):
    assert client_of("manager").post(address(order, "phone", table), {"reason": "record"}).status_code == 404


def test_looking_is_a_post(client_of, order):
    assert client_of("manager").get(address(order, "phone")).status_code == 405


# --- the access log


def log(client, **query):
    return client.get(reverse("reveals:log"), query).content.decode()


@pytest.fixture
def looked(client_of, order):
    agent = client_of("service_agent")
    agent.post(address(order, "phone"), {"reason": "delivery"})
    agent.post(address(order, "email"), {"reason": "other", "words": "sends the invoice"})
    return agent


def test_the_log_says_who_saw_whose_which_field_and_why(client_of, looked, order):
    page = log(client_of("manager"))

    assert looked.user.full_name in page
    assert order.number in page
    assert "Delivery" in page
    assert "sends the invoice" in page
    assert "phone" in page
    assert PHONE not in page


def test_the_administrator_reads_the_log_without_what_people_wrote_and_whose_it_was(client_of, looked, order):
    page = log(client_of("administrator"))

    assert looked.user.full_name in page
    assert "Delivery" in page
    assert "sends the invoice" not in page
    assert order.number not in page


@pytest.mark.parametrize("role", ["deputy", "service_lead", "analyst", "hr_officer", "service_agent"])
def test_the_log_is_open_to_manager_owner_and_administrator_only(client_of, role):
    assert client_of(role).get(reverse("reveals:log")).status_code == 403


def test_the_log_is_narrowed_by_person_field_and_day(client_of, looked, order):
    manager = client_of("manager")

    assert "Delivery" in log(manager, person=str(looked.user.pk), of="products_ordercontact", what="reveal")
    assert "Delivery" not in log(manager, person=str(manager.user.pk))
    assert "Delivery" not in log(manager, what="see_as")
    assert "Delivery" not in log(manager, day_from="2020-01-01", day_to="2020-01-02")


def test_the_record_itself_tells_who_looked(client_of, looked, order):
    page = looked.get(f"/orders/{order.pk}/").content.decode()

    assert "looked at" in page
    assert "Delivery" in page


def test_a_look_changes_nothing(looked, order):
    assert Order.objects.get(pk=order.pk).updated_at == order.updated_at
