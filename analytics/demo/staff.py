"""Log-ins to try the store with: one or more people of every role, under random passwords."""

from collections.abc import Callable
from typing import NamedTuple

from analytics.demo.words import STAFF
from shopops.accounts.models import User
from shopops.accounts.services import create_user, new_password
from shopops.history.actor import SYSTEM, acting


class Login(NamedTuple):
    """A log-in as ``make run`` prints it; ``password`` is None where it was set before and stays."""

    role: str
    username: str
    full_name: str
    password: str | None


def create_demo_staff(
    password_for: Callable[[str], str] = lambda _username: new_password(), *, new_passwords: bool = False
) -> list[Login]:
    """Make the demo log-ins that are missing and return all, one a person.

    People who exist keep their password unless ``new_passwords`` asks for others; whoever has the
    user name already without being of the demo is left alone, and the demo's gets another.
    """
    logins = []
    for role, names in STAFF.items():
        for nth, full_name in enumerate(names, 1):
            logins.append(_login(role, _username(role, nth), full_name, password_for, new_passwords=new_passwords))
    return logins


def _username(role: str, nth: int) -> str:
    name = role + (str(nth) if nth > 1 else "")
    return f"demo-{name}" if User.objects.filter(username=name, is_demo=False).exists() else name


def _login(
    role: str, username: str, full_name: str, password_for: Callable[[str], str], *, new_passwords: bool
) -> Login:
    user = User.objects.filter(username=username).first()
    if user is None:
        password = password_for(username)
        create_user(
            username=username, full_name=full_name, role_codes=[role], password=password, is_demo=True, by=SYSTEM
        )
        return Login(role, username, full_name, password)
    if not new_passwords:
        return Login(role, username, full_name, None)
    password = password_for(username)
    user.set_password(password)
    with acting(SYSTEM):
        user.save(update_fields=["password", "updated_at"])
    return Login(role, username, full_name, password)
