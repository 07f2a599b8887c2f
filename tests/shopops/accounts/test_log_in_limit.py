"""The limiter of log-ins counts by name and address; behind proxies by the address of whoever knocks."""

from ipaddress import ip_network

import pytest
from django.test import Client, RequestFactory

from shopops.access.addresses import client_address
from shopops.history.actor import SYSTEM, acting

PASSWORD = "a-long-and-strange-passphrase"
PROXY = "10.0.0.5"
LIMIT = 5  # wrong passwords
LOCKED = 429


@pytest.fixture
def manager(make_user):
    user = make_user("manager")
    user.set_password(PASSWORD)
    with acting(SYSTEM):
        user.save()
    return user


@pytest.fixture
def proxies(settings):
    """Name two proxies, one before the other, and a network."""
    settings.TRUSTED_PROXIES = [ip_network(PROXY), ip_network("10.0.1.0/24"), ip_network("2001:db8::/64")]


def knock(password, *, address, said=""):
    """Try to log in from an address, with what X-Forwarded-For says; return the status."""
    headers = {"x-forwarded-for": said} if said else {}
    form = {"login": "manager", "password": password}
    return Client(REMOTE_ADDR=address, headers=headers).post("/account/login/", form).status_code


def is_locked(*, address, said=""):
    return knock(PASSWORD, address=address, said=said) == LOCKED


def test_wrong_passwords_close_the_name_to_their_address_alone(manager):
    for _time in range(LIMIT):
        knock("wrong", address="198.51.100.7")

    assert is_locked(address="198.51.100.7")
    assert not is_locked(address="203.0.113.9")


def test_without_a_proxy_a_forged_header_dodges_no_lock(manager):
    for number in range(LIMIT):
        knock("wrong", address="198.51.100.7", said=f"203.0.113.{number}")

    assert is_locked(address="198.51.100.7", said="203.0.113.99")


def test_without_a_proxy_a_forged_header_locks_nobody_else_out(manager):
    for _time in range(LIMIT):
        knock("wrong", address="198.51.100.7", said="203.0.113.9")

    assert not is_locked(address="203.0.113.9")


def test_behind_a_proxy_each_visitor_is_counted_apart(manager, proxies):
    for _time in range(LIMIT):
        knock("wrong", address=PROXY, said="198.51.100.7")

    assert is_locked(address=PROXY, said="198.51.100.7")
    assert not is_locked(address=PROXY, said="203.0.113.9")


def test_behind_a_proxy_a_forged_header_dodges_no_lock(manager, proxies):
    """The proxy adds whom it heard behind whatever the visitor wrote."""
    for number in range(LIMIT):
        knock("wrong", address=PROXY, said=f"203.0.113.{number}, 198.51.100.7")

    assert is_locked(address=PROXY, said="192.0.2.1, 198.51.100.7")


def test_behind_a_proxy_a_forged_header_locks_nobody_else_out(manager, proxies):
    for _time in range(LIMIT):
        knock("wrong", address=PROXY, said="203.0.113.9, 198.51.100.7")

    assert not is_locked(address=PROXY, said="203.0.113.9")


def test_past_the_proxy_the_header_is_not_believed(manager, proxies):
    for number in range(LIMIT):
        knock("wrong", address="198.51.100.7", said=f"203.0.113.{number}")

    assert is_locked(address="198.51.100.7")


@pytest.mark.parametrize(
    ("address", "said", "found"),
    [
        (PROXY, "198.51.100.7", "198.51.100.7"),
        (PROXY, "198.51.100.7, 10.0.1.8", "198.51.100.7"),  # two proxies
        (PROXY, "198.51.100.7, 10.0.2.8", "10.0.2.8"),  # the second is none of ours
        (PROXY, "203.0.113.9, 198.51.100.7:4711", "198.51.100.7"),
        (PROXY, "[2001:db8:1::7]:4711", "2001:db8:1::7"),
        ("2001:db8::5", "2001:db8:1::7", "2001:db8:1::7"),
        (f"::ffff:{PROXY}", "::ffff:198.51.100.7", "198.51.100.7"),
        (PROXY, "", PROXY),
        (PROXY, "10.0.1.8", "10.0.1.8"),  # a proxy itself asks
        (PROXY, "198.51.100.7, unknown", PROXY),
        (PROXY, "198.51.100.7, fe80::1%eth0", PROXY),
        (PROXY, "198.51.100.7,", PROXY),
        ("", "198.51.100.7", ""),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
    ],
)
def test_the_address_is_the_nearest_that_is_no_proxy_of_ours(proxies, address, said, found):
    request = RequestFactory(REMOTE_ADDR=address, headers={"x-forwarded-for": said}).get("/")

    assert client_address(request) == found


@pytest.mark.django_db
def test_a_session_is_noted_with_the_same_address(manager, proxies):
    from allauth.usersessions.models import UserSession

    client = Client(REMOTE_ADDR=PROXY, headers={"x-forwarded-for": "198.51.100.7"})
    client.post("/account/login/", {"login": "manager", "password": PASSWORD})

    assert [session.ip for session in UserSession.objects.filter(user=manager)] == ["198.51.100.7"]
