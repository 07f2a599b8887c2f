"""The desk: a request is taken down, proved, answered in time; nobody answers it alone, and nothing of it leaks."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse

from products.orders.models import Order, OrderContact
from shopops import clock
from shopops.access.personal import reveal
from shopops.approvals import services as approvals
from shopops.approvals.models import Approval
from shopops.exchange.models import Export
from shopops.history.models import Change
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from shopops.privacy import copying, requests
from shopops.privacy.models import Request, Suppression
from tests.factories.orders import make_channel
from tests.shopops.privacy.people import PEOPLE, file_of, import_file, left_in_database

pytestmark = pytest.mark.django_db
WHO = PEOPLE[3]


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"
    settings.ERASURES_FILE = str(tmp_path / "erasures.jsonl")


@pytest.fixture
def order():
    shop = make_channel("tb", platform="taobao")
    import_file(shop, file_of([WHO, PEOPLE[4]]))
    return Order.objects.get(number=WHO.number)


@pytest.fixture
def lead(client_of):
    return client_of("service_lead")


def take_down(client, kind, *, look_up="number", text=WHO.number, day=None):
    """As the pages do it: look up, choose everything found, note."""
    given = {"kind": kind, "way": "chat", "received_day": (day or clock.today()).isoformat()}
    found = client.post(reverse("privacy:new"), {**given, "look_up": look_up, "text": text})
    tokens = [item["token"] for item in found.context["found"]]
    answer = client.post(reverse("privacy:new"), {**given, "step": "open", "who": tokens})
    assert answer.status_code == 302, answer.content.decode()
    return Request.objects.latest("pk")


def proved(client, kind, **how):
    item = take_down(client, kind, **how)
    assert client.post(reverse("privacy:verify", args=[item.pk]), {"proof": "account"}).status_code == 302
    return item


@pytest.mark.parametrize(
    ("look_up", "text"),
    [("number", WHO.number), ("identity", WHO.nick), ("phone", WHO.phone), ("phone", f"+86 {WHO.phone}")],
)
def test_a_person_is_found_by_what_they_know_in_full_and_by_no_part_of_it(lead, order, look_up, text):
    given = {"kind": "copy", "way": "chat", "received_day": clock.today().isoformat(), "look_up": look_up}

    found = lead.post(reverse("privacy:new"), {**given, "text": text})
    part = lead.post(reverse("privacy:new"), {**given, "text": text[:-1]})

    assert len(found.context["found"]) == 1
    assert WHO.nick not in found.context["found"][0]["words"]
    assert part.context["found"] == []


def test_the_deadline_runs_from_the_day_it_came_in(lead, order, settings):
    settings.PRIVACY_DAYS = 15
    item = take_down(lead, "copy", day=clock.today() - timedelta(days=20))

    assert item.due_day == clock.today() - timedelta(days=5)
    assert "5 days late" in lead.get(item.get_absolute_url()).content.decode()
    assert [row.pk for row in requests.pressing(Request.objects.all())] == [item.pk]
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    answer = lead.post(
        reverse("privacy:new"), {"kind": "copy", "way": "chat", "received_day": tomorrow, "step": "open"}
    )
    assert answer.status_code == 422


def test_a_late_request_stands_under_needs_you(client_of, lead, order):
    take_down(lead, "copy", day=clock.today() - timedelta(days=20))

    assert "Data requests past their legal deadline" in client_of("manager").get("/").content.decode()


def test_nothing_of_the_person_stands_in_the_request(lead, order):
    take_down(lead, "delete", look_up="phone", text=WHO.phone)

    left = left_in_database([WHO.phone])
    assert left == {}
    assert "public.shopops_request" not in left_in_database(WHO.texts)


def test_nothing_is_done_before_it_is_known_who_asks(lead, order):
    item = take_down(lead, "copy")

    answer = lead.post(reverse("privacy:act", args=[item.pk]))

    assert answer.status_code == 422
    item.refresh_from_db()
    assert (item.state, item.copy_path) == ("open", "")


def test_candidates_cannot_be_made_up(lead, order):
    given = {"kind": "copy", "way": "chat", "received_day": clock.today().isoformat(), "step": "open"}
    answer = lead.post(reverse("privacy:new"), {**given, "who": ["products_order:1"]})

    assert answer.status_code == 422
    assert not Request.objects.exists()


def test_a_copy_holds_everything_in_full_and_is_for_who_made_it_alone(lead, client_of, order, settings):
    item = proved(lead, "copy")

    assert lead.post(reverse("privacy:act", args=[item.pk])).status_code == 302

    item.refresh_from_db()
    assert item.state == "done"
    assert item.counts["orders"] == 1
    boxed = (settings.MEDIA_ROOT / item.copy_path).read_bytes()
    assert WHO.nick.encode() not in boxed
    answer = lead.get(reverse("privacy:file", args=[item.pk]))
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    body = json.dumps(json.loads(archive.read("data.json")), ensure_ascii=False)
    assert all(text in body for text in WHO.texts)
    assert PEOPLE[4].nick not in body
    assert archive.read("data.xlsx")[:2] == b"PK"
    assert client_of("manager").get(reverse("privacy:file", args=[item.pk])).status_code == 404
    assert Change.objects.filter(op="export", actor=lead.user, source=f"request:{item.pk}").count() == 1
    noted = Export.objects.get(user=lead.user)
    assert (noted.what, noted.classes, noted.is_masked, noted.state) == ("privacy:file", ["personal"], False, "done")
    assert noted.expires_at == item.copy_at + copying.KEPT
    assert archive.comment.decode() == noted.mark
    assert f"/exports/{noted.pk}/" in lead.get(reverse("privacy:request", args=[item.pk])).content.decode()


def test_a_copy_is_gone_after_seven_days(lead, order, django_capture_on_commit_callbacks, settings):
    item = proved(lead, "copy")
    lead.post(reverse("privacy:act", args=[item.pk]))
    Request.objects.filter(pk=item.pk).update(copy_at=clock.now() - timedelta(days=8))

    assert lead.get(reverse("privacy:file", args=[item.pk])).status_code == 404
    item.refresh_from_db()
    path = settings.MEDIA_ROOT / item.copy_path
    with django_capture_on_commit_callbacks(execute=True):
        assert copying.remove_old(clock.now() - timedelta(days=7)) == 1
    assert not path.exists()


def decided(item, by, *, approve=True):
    asked = Approval.objects.filter(kind="privacy.erasure", row_id=item.pk).latest("pk")
    approvals.decide(asked.pk, approve=approve, by=by)
    for job in Job.objects.filter(kind=approvals.PERFORM, state="queued"):
        jobs.perform(job.pk)
    item.refresh_from_db()
    asked.refresh_from_db()
    return asked


def test_a_deletion_is_carried_out_once_a_second_person_agreed(lead, make_user, order):
    make_user("deputy")
    item = proved(lead, "delete")
    assert "Receivers of orders" in lead.get(item.get_absolute_url()).content.decode()
    assert lead.post(reverse("privacy:act", args=[item.pk])).status_code == 302
    assert OrderContact.objects.count() == 2
    manager = make_user("manager")

    asked = decided(item, manager)

    assert (asked.state, item.state) == ("executed", "done")
    assert left_in_database(WHO.texts) == {}
    assert item.subject == {}
    assert item.counts["contacts"] >= 1
    assert (item.erasure.created_by, item.asked_by, item.agreed_by) == (manager, lead.user, manager)
    assert Order.objects.get(number=PEOPLE[4].number).buyer == PEOPLE[4].nick


def test_nobody_agrees_to_what_they_asked_for_themselves(client_of, order):
    manager = client_of("manager")
    item = proved(manager, "delete")
    manager.post(reverse("privacy:act", args=[item.pk]))

    with pytest.raises(approvals.NotYours):
        decided(item, manager.user)

    assert left_in_database(WHO.texts)


def test_a_refused_deletion_changes_nothing_and_can_be_asked_again(lead, make_user, order):
    make_user("manager")
    item = proved(lead, "delete")
    lead.post(reverse("privacy:act", args=[item.pk]))
    assert lead.post(reverse("privacy:act", args=[item.pk])).status_code == 422  # it waits already
    owner = make_user("owner")

    decided(item, owner, approve=False)

    assert item.state == "asked"
    assert left_in_database(WHO.texts)
    assert lead.post(reverse("privacy:act", args=[item.pk])).status_code == 302
    assert decided(item, owner).state == "executed"
    assert item.state == "done"


def test_who_wants_no_advertising_is_known_by_keyed_hashes_alone(lead, order):
    item = proved(lead, "withdraw")

    lead.post(reverse("privacy:act", args=[item.pk]))

    item.refresh_from_db()
    assert item.state == "done"
    digests = {bytes(value) for value in Suppression.objects.filter(kind="marketing").values_list("digest", flat=True)}
    assert bytes(OrderContact.objects.get(order=order).phone_digest) in digests
    assert Order.objects.get(pk=order.pk).buyer == WHO.nick


def test_a_receiver_is_corrected_by_typed_fields_and_masks_are_never_written_back(lead, order):
    item = proved(lead, "correct")
    page = lead.get(item.get_absolute_url()).content.decode()
    url = reverse("orders:receiver", args=[order.pk])
    assert url in page

    wrong = lead.post(f"{url}?request={item.pk}", {"phone": "154****0003"})
    right = lead.post(f"{url}?request={item.pk}", {"phone": "13800138000", "name": ""})

    assert (wrong.status_code, right.status_code) == (422, 302)
    contact = OrderContact.objects.get(order=order)
    assert reveal(contact.phone) == "+8613800138000"
    assert (contact.phone_mask, contact.phone_tail) == ("138****8000", "8000")
    assert reveal(contact.name) == WHO.name
    change = Change.objects.filter(table_name="products_ordercontact", row_id=order.pk, op="update").latest("pk")
    assert change.source == f"request:{item.pk}"
    assert "8000" not in json.dumps(change.changes)
    lead.post(reverse("privacy:act", args=[item.pk]))
    item.refresh_from_db()
    assert item.state == "done"


def test_a_refusal_says_why(lead, order):
    item = take_down(lead, "delete", text="does not exist")
    assert item.subject == {}

    nothing = lead.post(reverse("privacy:refuse", args=[item.pk]), {"reason": " "})
    said = lead.post(reverse("privacy:refuse", args=[item.pk]), {"reason": "Nothing is held."})

    assert (nothing.status_code, said.status_code) == (422, 302)
    item.refresh_from_db()
    assert (item.state, item.reason) == ("refused", "Nothing is held.")
    assert lead.post(reverse("privacy:verify", args=[item.pk]), {"proof": "account"}).status_code == 422


def test_the_desk_is_not_for_everybody(client_of, lead, order):
    item = take_down(lead, "copy")
    owner = client_of("owner")
    assert owner.get(item.get_absolute_url()).status_code == 200
    assert owner.post(reverse("privacy:verify", args=[item.pk]), {"proof": "account"}).status_code == 403
    assert client_of("planner").get(reverse("privacy:list")).status_code == 403
