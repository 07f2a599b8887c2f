"""People with passwords, a clock that stands until it is moved, and a count of hashed passwords."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from shopops import clock
from shopops.accounts import second_factor
from shopops.history.actor import SYSTEM, acting

PASSWORD = "four words about spring"


@pytest.fixture
def person(make_user):
    """Return a function that makes somebody with a password."""

    def make(*roles, **fields):
        user = make_user(*roles, **fields)
        user.set_password(PASSWORD)
        with acting(SYSTEM):
            user.save(update_fields=["password"])
        return user

    return make


@pytest.fixture
def log_in():
    """Return a function that logs in by the form, with a browser of its own unless one is given."""

    def do(name, password=PASSWORD, browser=None, **extra):
        browser = browser or Client(headers={"accept-language": "en"}, **extra)
        browser.answer = browser.post("/account/login/", {"login": name, "password": password})
        return browser

    return do


@pytest.fixture
def standing(monkeypatch):
    """Return a clock that stands; ``standing.pass_by(minutes=5)`` moves it."""

    class Standing:
        now = clock.now()

        def pass_by(self, **span):
            self.now += timedelta(**span)

    held = Standing()
    monkeypatch.setattr(clock, "now", lambda: held.now)
    return held


@pytest.fixture
def app_of(standing):
    """Return a function that sets up an authenticator app for somebody and gives what shows its present code."""

    def set_up(user):
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        second_factor.noted(user, by=user)
        return lambda: second_factor.code_at(secret, second_factor.present_step())

    return set_up


@pytest.fixture
def hashed(monkeypatch):
    """Count the passwords that are hashed from now on."""
    counted = []
    for name in ("encode", "verify"):
        real = getattr(Argon2PasswordHasher, name)

        def counting(self, *args, real=real, **kwargs):
            counted.append(real.__name__)
            return real(self, *args, **kwargs)

        monkeypatch.setattr(Argon2PasswordHasher, name, counting)
    return counted
