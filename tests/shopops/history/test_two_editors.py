"""Two people saving one record: the second is told, sees both values, and chooses (promise P12)."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection

from products.channels import services as channels
from products.channels.models import Channel
from products.sales import planning
from products.sales.models import DayNote
from shopops.history import versions
from shopops.history.actor import SYSTEM, acting
from shopops.history.versions import Conflict, checked, version_of
from tests.factories.orders import make_channel

PAIRS = 200
DAY = date(2026, 3, 24)


@pytest.fixture
def lin(make_user):
    return make_user("manager", username="lin")


@pytest.fixture
def wang(make_user):
    return make_user("planner", username="wang")


def told(work):
    with pytest.raises(Conflict) as caught:
        work()
    return caught.value.clashes


@pytest.mark.django_db
class TestWhatTheSecondIsTold:
    def test_who_changed_which_field_from_what_to_what(self, lin, wang):
        channel = make_channel("a", title="Before")
        version = version_of(channel)
        channels.change(channel.pk, version=version, by=lin, title="Theirs")

        (clash,) = told(lambda: channels.change(channel.pk, version=version, by=wang, title="Mine"))

        assert (clash.field, clash.before, clash.theirs, clash.mine) == ("title", "Before", "Theirs", "Mine")
        assert (clash.actor, clash.is_mine) == (lin, True)
        assert Channel.objects.get().title == "Theirs"

    def test_a_field_they_changed_and_i_did_not_is_not_put_back_by_my_saving_another(self, lin, wang):
        channel = make_channel("a", title="Before", ship_hours=48)
        version = version_of(channel)
        channels.change(channel.pk, version=version, by=lin, ship_hours=24)

        (clash,) = told(lambda: channels.change(channel.pk, version=version, by=wang, title="Mine", ship_hours=48))

        assert (clash.field, clash.theirs, clash.is_mine) == ("ship_hours", 24, False)

    def test_changes_of_fields_i_do_not_write_do_not_matter(self, lin, wang):
        channel = make_channel("a", ship_hours=48)
        version = version_of(channel)
        channels.change(channel.pk, version=version, by=lin, ship_hours=24)

        channels.change(channel.pk, version=version, by=wang, title="Mine")

        channel.refresh_from_db()
        assert (channel.title, channel.ship_hours) == ("Mine", 24)

    def test_who_saves_the_same_twice_is_told_nothing(self, lin):
        channel = make_channel("a")
        version = version_of(channel)
        for _click in range(2):
            channels.change(channel.pk, version=version, by=lin, title="Mine")

        assert Channel.objects.get().title == "Mine"

    def test_a_version_nobody_was_given_hides_no_change(self, lin, wang):
        channel = make_channel("a", title="Before")
        channels.change(channel.pk, version=version_of(channel), by=lin, title="Theirs")

        (clash,) = told(lambda: channels.change(channel.pk, version=2**62, by=wang, title="Mine"))

        assert clash.theirs == "Theirs"
        assert Channel.objects.get().title == "Theirs"

    def test_two_who_both_make_what_was_not_there(self, lin, wang):
        planning.set_note(DAY, "Theirs", version=0, by=lin)

        (clash,) = told(lambda: planning.set_note(DAY, "Mine", version=0, by=wang))

        assert (clash.before, clash.theirs) == (None, "Theirs")
        assert DayNote.objects.get().text == "Theirs"

    def test_a_note_taken_away_meanwhile_is_not_written_again_unseen(self, lin, wang):
        planning.set_note(DAY, "Before", version=0, by=lin)
        version = version_of(DayNote.objects.get())
        planning.set_note(DAY, "", version=version, by=lin)

        (clash,) = told(lambda: planning.set_note(DAY, "Mine", version=version, by=wang))

        assert (clash.before, clash.theirs, clash.mine) == ("Before", None, "Mine")
        assert not DayNote.objects.exists()

    def test_what_was_looked_at_is_no_change(self, lin):
        from shopops.history.services import note_reveal

        channel = make_channel("a")
        version = version_of(channel)
        note_reveal(channel, "title", reason="to test", by=lin)

        assert version_of(channel) == version


@pytest.mark.django_db(transaction=True)
class TestPairs:
    """Real threads on the real database: both read one version, both save."""

    def save_in_pairs(self, people):
        outcomes = {"saved": 0, "told": 0, "overwritten": 0}
        for number in range(PAIRS):
            channel = make_channel(f"p{number}", title="Before")
            version, both, kept = version_of(channel), Barrier(2), []

            def save(by, title, channel=channel, version=version, both=both, kept=kept):
                try:
                    both.wait()
                    channels.change(channel.pk, version=version, by=by, title=title)
                    kept.append(title)
                except Conflict:
                    outcomes["told"] += 1
                finally:
                    connection.close()

            threads = [Thread(target=save, args=(by, by.username)) for by in people]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            outcomes["saved"] += len(kept)
            stands = Channel.objects.get(pk=channel.pk).title
            outcomes["overwritten"] += sum(title != stands for title in kept)
        return outcomes

    def test_of_each_pair_one_saves_and_the_other_is_told(self, lin, wang, figures):
        outcomes = self.save_in_pairs((lin, wang))

        figures("P12", pairs=PAIRS, **outcomes)
        assert outcomes == {"saved": PAIRS, "told": PAIRS, "overwritten": 0}

    def test_without_the_check_one_of_two_is_overwritten(self, lin, wang, monkeypatch, figures):
        monkeypatch.setattr(channels, "checked", lambda *_args, **_values: None)

        outcomes = self.save_in_pairs((lin, wang))

        figures("P12", overwritten_without_the_check=outcomes["overwritten"])
        assert outcomes["overwritten"] == PAIRS


@pytest.mark.django_db
def test_amounts_are_compared_by_value_not_by_spelling(lin, wang):
    values = {"weights": [], "by": lin}
    plan = planning.set_plan(DAY, "CNY", amount=Decimal("1000.00"), version=0, **values)
    version = version_of(plan)
    with acting(SYSTEM):
        type(plan).objects.filter(pk=plan.pk).update(amount=Decimal("2000.0000"))

    assert versions._same(Decimal(2000), "2000.0000")
    plan.refresh_from_db()
    with acting(SYSTEM):
        checked(plan, version, values={"amount": Decimal(2000)})
