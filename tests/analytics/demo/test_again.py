"""The same story gives the same store."""

import pytest

from analytics.demo import services
from analytics.demo.story import Story
from analytics.quality.fingerprint import fingerprint
from products.channels.models import Channel
from products.sales.checking import differences

pytestmark = pytest.mark.django_db


def test_the_same_story_told_again_gives_the_same_store_and_another_seed_another(tiny):
    first = fingerprint()

    services.create(tiny)
    again = fingerprint()
    services.create(Story(8, "tiny", tiny.moment))

    assert again == first
    assert fingerprint()["products_order"] != first["products_order"]


def test_telling_again_replaces_the_store_that_is_there(tiny):
    services.create(tiny)

    assert Channel.objects.filter(is_demo=True).count() == 5


def test_the_figures_of_a_fresh_demo_agree_with_its_orders(tiny):
    assert differences() == []
