"""Who brings files, and the channel they are of."""

import pytest

from tests.factories.orders import make_channel


@pytest.fixture
def shop():
    return make_channel("uk", currency="GBP", time_zone="Europe/London")


@pytest.fixture
def planner(client_of):
    return client_of("planner")
