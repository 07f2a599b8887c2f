"""L1, L2: whether the time of an answer tells a stranger which accounts there are (promises 4.1, enumeration)."""

import random
import statistics
import time
from typing import Any, Final

from bench import stores
from bench.measure import QUICK, Goal, say

TRIES: Final = 24 if QUICK else 40  # of each kind of account, in turn
PASSWORD: Final = "a-long-and-strange-passphrase"
WORDS: Final = {
    "L1": "a log-in refused: slowest kind of account ÷ fastest, medians",
    "L2": "a link asked for: slowest kind of account ÷ fastest, medians",
}


def goals() -> list[Goal]:
    """Measure every kind in turn in one process, as the middlewares and views answer."""
    say("L1, L2 the time of an answer to who guesses accounts")
    name = stores.make("bench_log_in")
    found = stores.inside(name, "bench.log_in:answers", tries=TRIES)
    stores.drop(name)
    return [_goal(code, found[code]) for code in WORDS]


def _goal(code: str, taken: dict[str, list[float]]) -> Goal:
    medians = {kind: statistics.median(values) for kind, values in taken.items()}
    note = ", ".join(f"{kind} {value * 1000:.1f} ms" for kind, value in medians.items())
    extra = {"medians": {kind: round(value, 6) for kind, value in medians.items()}, "tries": TRIES}
    return Goal(code, WORDS[code], 1.1, [max(medians.values())], [min(medians.values())], note=note, extra=extra)


def answers(tries: int) -> dict[str, dict[str, list[float]]]:
    """Inside the program: seconds of each answer, by goal and kind of account."""
    from django.test import Client

    kinds = _people()
    taken: dict[str, dict[str, list[float]]] = {code: {kind: [] for kind in kinds} for code in WORDS}
    chance, turns = random.Random(1), [(code, kind) for code in WORDS for kind in kinds]
    for number in range(tries + 2):
        chance.shuffle(turns)  # or whoever is always third pays for the garbage of the first two
        for code, kind in turns:
            _forget_tries()
            guest = Client(REMOTE_ADDR=f"198.51.100.{number}", HTTP_HOST="localhost")
            path, form = _asked(code, kind, kinds[kind])
            begun = time.perf_counter()
            answer = guest.post(path, form)
            seconds = time.perf_counter() - begun
            if answer.status_code != 200:
                raise SystemExit(f"{code}: {kind} was answered {answer.status_code}")
            if number > 1:  # the first ones fill caches
                taken[code][kind].append(seconds)
    return taken


def _asked(code: str, kind: str, password: str) -> tuple[str, dict[str, str]]:
    if code == "L1":
        return "/account/login/", {"login": kind, "password": password}
    return "/accounts/forgot/", {"name": kind}


def _people() -> dict[str, str]:
    """Make the accounts a stranger must not tell from each other; return name → the password tried."""
    from shopops.accounts.models import User
    from shopops.history.actor import SYSTEM, acting

    with acting(SYSTEM):
        for name in ("there", "off", "invited"):
            user: Any = User(username=name, full_name=name, email=f"{name}@example.com", is_active=name != "off")
            user.set_unusable_password() if name == "invited" else user.set_password(PASSWORD)
            user.save()
    return {"there": "wrong", "absent": "wrong", "off": PASSWORD, "invited": "wrong"}


def _forget_tries() -> None:
    from axes.models import AccessAttempt

    from shopops.access.models import Counter

    Counter.objects.all().delete()
    AccessAttempt.objects.all().delete()
