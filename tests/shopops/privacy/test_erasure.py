"""A deletion request removes the person everywhere, leaves every figure as it was, and holds against files (P16)."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from analytics.quality.fingerprint import fingerprint
from customers.identity import services as identity
from customers.identity.models import Customer, Identity
from products.orders import imports, suppressing, undoing
from products.orders.following import follow
from products.orders.models import Order, OrderContact
from shopops import clock
from shopops.access.personal import reveal
from shopops.collaboration.models import Attachment, Comment
from shopops.exchange import boxes, uploads
from shopops.exchange.models import ImportReject, Upload
from shopops.history import sealing
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.jobs import services as jobs
from shopops.privacy import erasing, journal, suppression
from shopops.privacy.models import Erasure, Suppression
from shopops.privacy.registry import Subject, look_ups
from tests.factories.orders import make_channel
from tests.factories.staged import make_batch
from tests.shopops.privacy.people import (
    ALL,
    COUNT,
    PEOPLE,
    Person,
    file_of,
    import_file,
    left_in_ciphers,
    left_in_database,
    left_in_files,
)

pytestmark = pytest.mark.django_db
OTHER = Person(777)  # somebody who stays
ROLLUPS = ("products_salesday", "products_skuday", "products_placehourday")


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"
    settings.ERASURES_FILE = str(tmp_path / "erasures.jsonl")


@pytest.fixture
def shop():
    return make_channel("tb", platform="taobao")


@pytest.fixture
def erase(django_capture_on_commit_callbacks):
    """Erase by order number what the desk would find, as the desk does."""

    def run(*people, by=SYSTEM):
        made = []
        with django_capture_on_commit_callbacks(execute=True):
            for person in people:
                ((_words, subject),) = look_ups()["number"].find(person.number)
                made.append(erasing.erase(subject, by=by))
        return made

    return run


@pytest.fixture
def bring(django_capture_on_commit_callbacks, shop):
    def run(content, **options):
        with django_capture_on_commit_callbacks(execute=True):
            return import_file(shop, content, **options)

    return run


def nothing_left():
    return (left_in_database(), left_in_ciphers(reveal), left_in_files()) == ({}, [], [])


def test_forty_persons_are_gone_from_database_files_caches_and_search_and_do_not_come_back(
    shop, bring, erase, client_of, figures
):
    bring(file_of([*PEOPLE, OTHER]))
    bring(file_of(PEOPLE, extra=" 改"))  # the history knows their former memo
    with acting(SYSTEM):
        for person in PEOPLE:
            Order.objects.filter(number=person.number).update(note=person.memo)
    cache.set("page", ALL[0])
    assert len(left_in_database()) >= 4  # orders, customers, identities, history …
    assert left_in_ciphers(reveal)
    assert left_in_files()

    erase(*PEOPLE)

    found = sum(map(len, left_in_database().values())) + len(left_in_ciphers(reveal)) + len(left_in_files())
    figures("P16", persons=COUNT, texts=len(ALL), found=found)
    assert left_in_database() == {}
    assert left_in_ciphers(reveal) == []
    assert left_in_files() == []
    assert cache.get("page") is None
    manager = client_of("manager")
    for person in PEOPLE[:5]:
        for query in (person.nick, person.phone[-4:], person.message):
            assert person.number not in manager.get(reverse("search:palette"), {"q": query}).content.decode()
            assert manager.get("/orders/", {"q": query}).context["total_number"] == 0
        taken = manager.get("/orders/", {"q": person.number, "export": "csv"}).getvalue().decode()
        assert not [text for text in person.texts if text in taken]
    assert Order.objects.count() == COUNT + 1
    assert Order.objects.get(number=OTHER.number).buyer == OTHER.nick
    assert reveal(OrderContact.objects.get(order__number=OTHER.number).phone) == f"+86{OTHER.phone}"

    for content in (
        file_of([*PEOPLE, OTHER]),  # the same file
        file_of(PEOPLE, paid="130.00"),  # a later one
        file_of(reversed(PEOPLE), paid="110.00"),  # an older one
    ):
        batch = bring(content)
        assert batch.state == "done"
        assert nothing_left()
    assert Order.objects.get(number=OTHER.number).buyer == OTHER.nick


@pytest.mark.parametrize("left_out", ["orders", "contacts", "files", "identity", "history"])
def test_a_class_of_data_left_out_of_the_erasure_is_found_by_the_search(shop, bring, erase, monkeypatch, left_out):
    """The control: the search above sees each of the places it looks at."""
    bring(file_of(PEOPLE[:3]))
    bring(file_of(PEOPLE[:3], extra=" 改"))
    if left_out == "history":
        monkeypatch.setattr(erasing, "forget", lambda _subject: 0)
    else:
        kept = [item for item in erasing.person_data() if item.code != left_out]
        monkeypatch.setattr(erasing, "person_data", lambda: kept)

    erase(*PEOPLE[:3])

    assert not nothing_left()


def test_figures_money_and_counts_of_buyers_are_what_they_were(shop, bring, erase):
    bring(file_of([*PEOPLE, OTHER]))
    before, buyers = fingerprint(), _buyer_days()
    money = list(Order.objects.order_by("pk").values_list("number", "paid", "payable", "state", "customer"))

    erase(*PEOPLE)

    after = fingerprint()
    assert {table: after[table] for table in ROLLUPS} == {table: before[table] for table in ROLLUPS}
    assert after["all"] != before["all"]
    assert _buyer_days() == buyers
    assert list(Order.objects.order_by("pk").values_list("number", "paid", "payable", "state", "customer")) == money
    assert Customer.objects.filter(erased_at__isnull=False, name="").count() == COUNT
    assert Identity.objects.count() == 1


def _buyer_days():
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM products_buyerday t ORDER BY 1")
        return cursor.fetchall()


def test_a_file_read_before_the_erasure_and_merged_after_it_brings_nobody(shop, bring, erase):
    bring(file_of(PEOPLE[:2]))
    upload = uploads.keep(BytesIO(file_of(PEOPLE[:3], paid="140.00")), name="later.csv", by=None)
    batch = imports.add_batch(upload, shop, imports.Options(), by=None)
    jobs.perform(imports.submit(imports.CHECK, [batch], by=None, wake=False).pk)

    erase(*PEOPLE[:2])

    assert left_in_database([text for person in PEOPLE[:2] for text in person.texts]) == {}
    jobs.perform(imports.submit(imports.RUN, [batch], by=None, wake=False).pk)
    batch.refresh_from_db()
    assert (batch.state, batch.counts["suppressed"]) == ("done", 2)
    assert left_in_database([text for person in PEOPLE[:2] for text in person.texts]) == {}
    assert Order.objects.get(number=PEOPLE[2].number).buyer == PEOPLE[2].nick
    assert Upload.objects.get(pk=upload.pk).path == ""


def test_an_import_is_taken_back_after_an_erasure_and_brought_again_without_the_person(shop, bring, erase):
    first = bring(file_of([*PEOPLE[:2], OTHER]))
    second = bring(file_of([*PEOPLE[:2], OTHER], extra=" 改"))
    erase(PEOPLE[0])

    for batch in (second, first):
        assert undoing.reason_against(batch) == ""
        undoing.undo(batch.pk, by=SYSTEM)
        follow([batch.pk], None)
        batch.refresh_from_db()
    assert Order.objects.count() == 0
    assert left_in_database(PEOPLE[0].texts) == {}

    bring(file_of([*PEOPLE[:2], OTHER], paid="150.00"))
    assert left_in_database(PEOPLE[0].texts) == {}
    assert Order.objects.get(number=PEOPLE[1].number).buyer == PEOPLE[1].nick


def test_an_order_taken_back_before_the_request_is_forgotten_too(shop, bring, erase):
    first = bring(file_of(PEOPLE[:1]))
    second = bring(file_of(PEOPLE[:1], extra=" 改"))
    for batch in (second, first):
        undoing.undo(batch.pk, by=SYSTEM)
        follow([batch.pk], None)
    bring(file_of(PEOPLE[:1], paid="99.00"))
    assert left_in_database(PEOPLE[0].texts)

    erase(PEOPLE[0])

    assert left_in_database(PEOPLE[0].texts) == {}


def test_words_and_files_on_a_persons_records_go_and_others_stay(shop, bring, erase, make_user):
    bring(file_of([PEOPLE[0], OTHER]))
    mine, other = Order.objects.get(number=PEOPLE[0].number), Order.objects.get(number=OTHER.number)
    by = make_user("manager")
    with acting(by):
        for order, text in ((mine, PEOPLE[0].message), (other, "stays")):
            comment = Comment.objects.create(
                table_name="products_order", row_id=order.pk, text=text, created_by=by, created_at=clock.now()
            )
            boxed = boxes.put(BytesIO(text.encode()), "attachments")
            Attachment.objects.create(
                comment=comment, name=f"{text}.txt", kind="txt", media_type="text/plain", size=1, sha256=b"x" * 32,
                path=boxed.path, created_by=by, created_at=clock.now(),
            )  # fmt: skip
    gone, kept = Attachment.objects.order_by("pk")

    erase(PEOPLE[0])

    assert left_in_database(PEOPLE[0].texts) == {}
    assert not (settings.MEDIA_ROOT / gone.path).exists()
    assert b"".join(boxes.take(kept.path)) == b"stays"
    assert Comment.objects.get(row_id=other.pk).text == "stays"


def test_the_sealed_history_still_proves_itself_and_unexplained_gaps_are_named(shop, bring, erase):
    bring(file_of(PEOPLE[:1]))
    bring(file_of(PEOPLE[:1], extra=" 改"))
    day = clock.today() + timedelta(days=1)
    sealing.seal(through=clock.today(), now=clock.day_range(day)[0])
    assert list(sealing.faults()) == []

    erase(PEOPLE[0])

    assert list(sealing.faults()) == []
    assert sealing.emptied() >= 1
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; DELETE FROM shopops_change WHERE op = 'forget'; SET ROLE shopops_app")
    assert any("no erasure says so" in fault for fault in sealing.faults())


def test_who_buys_again_after_the_erasure_is_known_again_and_the_erased_orders_stay_without_them(shop, bring, erase):
    old = PEOPLE[0]
    bring(file_of([old]))
    erase(old)
    new = Person(0)
    new.number = "880000000000099999"

    bring(file_of([old], paid="99.00"))
    bring(file_of([new], day="2099-01-01"))

    assert Order.objects.get(number=old.number).buyer == ""
    assert Order.objects.get(number=new.number).buyer == new.nick
    assert Customer.objects.filter(erased_at=None).count() == 1


def test_a_phone_others_receive_at_too_stays_theirs(shop, bring, erase):
    family = Person(778)
    family.phone = PEOPLE[0].phone
    bring(file_of([PEOPLE[0], family]))
    erase(PEOPLE[0])

    bring(file_of([family], paid="99.00"))
    assert reveal(OrderContact.objects.get(order__number=family.number).phone) == f"+86{family.phone}"


def test_persons_merged_with_each_other_are_erased_together(shop, bring, erase, make_user):
    bring(file_of(PEOPLE[:2]))
    kept, gone = Customer.objects.order_by("pk")
    identity.merge(kept, gone, by=make_user("manager"), reason=f"same phone as {PEOPLE[1].nick}")

    erase(PEOPLE[0])

    assert left_in_database([text for person in PEOPLE[:2] for text in person.texts]) == {}
    assert Customer.objects.filter(erased_at=None).count() == 0


def test_refused_rows_of_the_person_lose_their_cells(shop, bring, erase):
    bring(file_of([*PEOPLE[:1], OTHER]))
    bad = file_of(PEOPLE[:1], paid="十元") + file_of([OTHER], paid="十元").split(b"\n", 1)[1]
    batch = bring(bad, skip_bad=True)
    assert ImportReject.objects.filter(batch=batch, cells__isnull=False).count() == 2

    erase(PEOPLE[0])

    (left,) = ImportReject.objects.filter(batch=batch, cells__isnull=False)
    assert OTHER.nick in json.loads(reveal(left.cells))


def test_nothing_is_asked_of_the_stage_while_nobody_is_suppressed(shop, bring, django_assert_num_queries):
    batch = make_batch(shop)
    with django_assert_num_queries(1):
        assert suppressing.blank_stage(batch) == 0


def test_the_history_forgets_personal_columns_alone_and_says_so(shop, bring, erase, make_user):
    bring(file_of(PEOPLE[:1]))
    bring(file_of(PEOPLE[:1], paid="130.00", extra=" 改"))
    order = Order.objects.get()
    was = Change.objects.filter(table_name="products_order", row_id=order.pk, op="update").latest("pk")
    assert {"memo", "paid"} <= set(was.changes)

    (made,) = erase(PEOPLE[0], by=make_user("manager"))

    was.refresh_from_db()
    assert "memo" not in was.changes
    assert was.changes["paid"]
    assert len(was.forgotten) == 64
    told = Change.objects.filter(table_name="products_order", row_id=order.pk, op="forget").get()
    assert (told.actor.username, told.source) == ("manager", f"erasure:{made.pk}")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT shopops_forget('shopops_user', ARRAY[1])",  # no table of persons who buy
        "UPDATE shopops_change SET changes = '{}'",
        "CREATE OR REPLACE FUNCTION shopops_forget(named text, ids bigint[]) RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_the_program_can_make_the_history_forget_nothing_else(shop, statement):
    with acting(SYSTEM), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_forgetting_needs_a_name(shop):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('shopops.actor', '', true)")
        cursor.execute("SELECT shopops_forget('products_order', ARRAY[1]::bigint[])")


def test_erasures_are_done_again_in_an_older_database_and_once_only(shop, bring, erase):
    """What `make restore` does: the journal beside the database outlives it."""
    bring(file_of([*PEOPLE[:3], OTHER]))
    erase(*PEOPLE[:3])
    kept = journal.entries()
    assert len(kept) == 3
    assert not any(text in journal.path().read_text() for text in ALL)
    # The older database: none of it has happened. Its content is brought by the same file.
    with acting(SYSTEM):
        Suppression.objects.all().delete()
        Erasure.objects.all().delete()
        OrderContact.objects.all().delete()
        Order.objects.all().update(buyer="", buyer_key="", customer=None)
        for model in (Order.lines.rel.related_model, Order.refunds.rel.related_model):
            model.objects.all().delete()
        Order.objects.all().delete()
    bring(file_of([*PEOPLE[:3], OTHER], paid="121.00"))
    assert left_in_database(PEOPLE[0].texts)

    assert erasing.replay(kept) == 3
    assert erasing.replay(kept) == 0

    assert left_in_database([text for person in PEOPLE[:3] for text in person.texts]) == {}
    assert Order.objects.get(number=OTHER.number).buyer == OTHER.nick
    assert not suppression.is_empty()
    bring(file_of(PEOPLE[:3], paid="122.00"))
    assert left_in_database([text for person in PEOPLE[:3] for text in person.texts]) == {}


def test_a_database_gives_the_journal_what_it_lacks(shop, bring, erase):
    bring(file_of(PEOPLE[:1]))
    erase(PEOPLE[0])
    before = journal.entries()
    journal.path().unlink()

    assert erasing.keep_known() == 1

    assert [(entry.key, set(entry.marks)) for entry in journal.entries()] == [
        (entry.key, set(entry.marks)) for entry in before
    ]


def test_an_empty_subject_erases_nothing(shop, bring):
    bring(file_of([OTHER]))
    before = fingerprint()
    erasing.erase(Subject(), by=SYSTEM)
    assert fingerprint() == before
