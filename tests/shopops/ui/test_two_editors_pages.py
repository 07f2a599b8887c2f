"""The page of the second saver: both values side by side, a choice for each field, nothing typed is lost."""

from datetime import date

import pytest

from products.channels.models import Channel
from products.sales.models import DayNote, SalesPlan
from shopops.accounts.models import User
from tests.factories.orders import make_channel, make_item, make_sku

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 24)


def shown(client, url, name="form"):
    """What a form holds when its page is opened: name → values, as a browser would send them."""
    form = client.get(url).context[name]
    sent = {}
    for field in form:
        value = field.value()
        if value in (None, False) or field.name == "note":
            continue
        sent[field.html_name] = [getattr(v, "pk", v) for v in value] if isinstance(value, list) else value
    return {name: "on" if value is True else value for name, value in sent.items()}


def test_both_values_stand_side_by_side_and_what_was_typed_is_kept(client_of):
    channel = make_channel("a", title="Before", shop_names=["One"])
    mine, theirs = client_of("planner"), client_of("manager")
    url = f"/channels/{channel.pk}/change/"
    read = shown(mine, url)
    theirs.post(url, {**shown(theirs, url), "title": "Theirs"})

    page = mine.post(url, {**read, "title": "Mine", "shop_names": "One\nTwo"})

    assert page.status_code == 409
    (row,) = page.context["rows"]
    assert (row["before"], row["mine"], row["theirs"]) == ("Before", "Mine", "Theirs")
    assert row["who"] == "Manager"
    assert ("shop_names", "One\nTwo") in page.context["kept"]


@pytest.mark.parametrize(("choice", "title"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_each_field_becomes_what_was_chosen(client_of, choice, title):
    channel = make_channel("a", title="Before")
    mine, theirs = client_of("planner"), client_of("manager")
    url = f"/channels/{channel.pk}/change/"
    read = shown(mine, url)
    theirs.post(url, {**shown(theirs, url), "title": "Theirs"})
    page = mine.post(url, {**read, "title": "Mine", "ship_hours": "24"})
    sent = dict(page.context["kept"]) | {"version": page.context["conflict"].version, "keep-title": choice}

    assert mine.post(url, sent).status_code == 302

    channel.refresh_from_db()
    assert (channel.title, channel.ship_hours) == (title, 24)


def test_a_third_who_saves_while_the_second_chooses_is_told_again(client_of):
    channel = make_channel("a", title="Before")
    mine, theirs = client_of("planner"), client_of("manager")
    url = f"/channels/{channel.pk}/change/"
    read = shown(mine, url)
    theirs.post(url, {**shown(theirs, url), "title": "Theirs"})
    page = mine.post(url, {**read, "title": "Mine"})
    theirs.post(url, {**shown(theirs, url), "title": "Theirs again"})

    sent = dict(page.context["kept"]) | {"version": page.context["conflict"].version, "keep-title": "mine"}

    assert mine.post(url, sent).status_code == 409
    assert Channel.objects.get().title == "Theirs again"


def test_a_person_a_mapping_a_plan_and_a_note_are_kept_so_too(client_of, make_user):
    person, item, sku = make_user("analyst"), make_item(make_channel(), "A1"), make_sku("S1")
    make_sku("S2")
    cases = [
        (
            "administrator",
            f"/accounts/{person.pk}/",
            f"/accounts/{person.pk}/change/",
            "form",
            "full_name",
            "Lin",
            "Wang",
        ),
        ("planner", f"/catalogue/items/{item.pk}/", f"/catalogue/items/{item.pk}/map/", "form", "sku", "S1", "S2"),
        ("deputy", "/sales/plans/2026/3/", "/sales/plans/2026/3/", "form", "amount", "100", "200"),
        ("manager", f"/reports/{DAY}/", f"/reports/{DAY}/note/", "note_form", "text", "Sale", "Storm"),
    ]
    for role, page, url, name, field, first, second in cases:
        client = client_of(role)
        read = shown(client, page, name)
        assert client.post(url, {**read, field: first}).status_code == 302, url

        told = client.post(url, {**read, field: second})

        assert told.status_code == 409, url
        assert len(told.context["rows"]) == 1, url
        assert told.context["rows"][0]["theirs"].startswith(first), url

    person.refresh_from_db()
    item.refresh_from_db()
    assert (person.full_name, item.sku, User.objects.get(pk=person.pk).full_name) == ("Lin", sku, "Lin")
    assert SalesPlan.objects.get().amount == 100
    assert DayNote.objects.get().text == "Sale"


def test_two_customers_are_merged_as_they_were_looked_at(client_of):
    from customers.identity.models import Customer
    from shopops.history.actor import SYSTEM, acting
    from tests.factories.orders import make_customer

    kept, gone = make_customer("stays"), make_customer("goes")
    lead = client_of("service_lead")
    page = lead.get(f"/customers/{kept.pk}/merge/?other={gone.pk}")
    sent = {
        "gone": gone.pk,
        "reason": "same parcel",
        "version": page.context["kept"]["version"],
        "gone_version": page.context["other"]["version"],
    }
    with acting(SYSTEM):
        Customer.objects.filter(pk=gone.pk).update(name="somebody else")

    told = lead.post(f"/customers/{kept.pk}/merge/", sent)

    assert told.status_code == 409
    assert not Customer.objects.filter(merged_into__isnull=False).exists()
    again = sent | {"gone_version": told.context["other"]["version"]}
    assert lead.post(f"/customers/{kept.pk}/merge/", again).status_code == 302
