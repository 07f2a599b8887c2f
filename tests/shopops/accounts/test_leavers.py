"""Somebody leaves: one action, and nothing is left of their access or their open things."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.urls import reverse

from analytics.reports.models import Subscription
from shopops.accounts import leavers, tokens
from shopops.errors import Refused
from shopops.exchange.models import ImportBatch
from shopops.history.models import Change
from tests.factories.orders import make_channel
from tests.factories.staged import make_batch
from tests.shopops.accounts.test_sessions import in_a_week


@pytest.fixture
def leaver(person, log_in, app_of):
    """Somebody with everything one can have."""
    user = person("manager")
    user.browser = log_in("manager")
    _token, user.secret = tokens.create(user, name="t", scopes=["orders.import"], expires_at=in_a_week())
    app_of(user)
    Subscription.objects.create(user=user)
    channel = make_channel("tmall")
    for state in ("checked", "done"):
        batch = make_batch(channel, state=state)
        ImportBatch.objects.filter(pk=batch.pk).update(created_by=user)
    return user


def test_the_page_shows_before_what_is_open(leaver, client_of):
    page = client_of("administrator").get(reverse("accounts:leave", kwargs={"pk": leaver.pk})).content.decode()

    for label in ("Log-ins", "API tokens", "Second factors", "Subscriptions to the report", "Imports not finished"):
        assert f"<dt>{label}</dt><dd>1</dd>" in page


def test_one_action_ends_all_and_hands_over(leaver, client_of, make_user, log_in):
    administrator, to = client_of("administrator"), make_user("deputy")

    answer = administrator.post(reverse("accounts:leave", kwargs={"pk": leaver.pk}), {"to": str(to.pk)})

    leaver.refresh_from_db()
    assert answer.status_code == 302
    assert leaver.browser.get("/ui/me/").status_code == 302
    assert tokens.find(leaver.secret) is None
    assert log_in("manager").get("/ui/me/").status_code == 302
    assert (leaver.is_active, leaver.factor_count, leaver.roles.count()) == (False, 0, 0)
    assert not leaver.has_usable_password()
    assert not Authenticator.objects.filter(user=leaver).exists()
    assert not UserSession.objects.filter(user=leaver).exists()
    assert [left.count for left in leavers.open_items(leaver)] == [0] * len(list(leavers.items()))
    assert Subscription.objects.get().user == to
    assert dict(ImportBatch.objects.values_list("state", "created_by")) == {"checked": to.pk, "done": leaver.pk}
    changes = Change.objects.filter(
        table_name="shopops_user", row_id=leaver.pk, op="update", changes__is_active=[True, False]
    )
    assert [item.actor_id for item in changes] == [administrator.user.pk]


def test_every_kind_of_open_thing_counts_and_hands_over_in_one_transaction(leaver, make_user, monkeypatch):
    """A kind that keeps something stops the whole: nobody is half gone."""
    to, administrator = make_user("deputy"), make_user("administrator")
    stubborn = leavers.OpenItem("Stubborn", lambda _user: 1, lambda _user, _to, _by: 0)
    known = list(leavers.items())
    monkeypatch.setattr(leavers, "items", lambda: iter([*known, stubborn]))

    with pytest.raises(Refused, match="stayed open"):
        leavers.leave(leaver.pk, to_id=to.pk, by=administrator)

    leaver.refresh_from_db()
    assert leaver.is_active
    assert leaver.browser.get("/ui/me/").status_code == 200
    assert Subscription.objects.get().user == leaver


def test_a_successor_without_the_right_gets_no_subscription(leaver, make_user):
    to = make_user("designer")

    leavers.leave(leaver.pk, to_id=to.pk, by=make_user("administrator"))

    assert not Subscription.objects.exists()


def test_the_last_administrator_cannot_leave(make_user):
    only, to = make_user("administrator"), make_user("deputy")

    with pytest.raises(Refused, match="last active administrator"):
        leavers.leave(only.pk, to_id=to.pk, by=only)


def test_nobody_leaves_by_their_own_hand(make_user):
    first, _second, to = make_user("administrator"), make_user("administrator", username="b"), make_user("deputy")

    with pytest.raises(Refused, match="another administrator"):
        leavers.leave(first.pk, to_id=to.pk, by=first)


@pytest.mark.parametrize("to", ["", "987654321", "self"])
def test_somebody_active_takes_over(leaver, client_of, to):
    answer = client_of("administrator").post(
        reverse("accounts:leave", kwargs={"pk": leaver.pk}), {"to": str(leaver.pk) if to == "self" else to}
    )

    leaver.refresh_from_db()
    assert answer.status_code == 422
    assert leaver.is_active
