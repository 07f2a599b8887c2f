"""People, roles and their first set-up."""

import secrets
from typing import TYPE_CHECKING, Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shopops.access.declare import permissions
from shopops.accounts import sessions, tokens
from shopops.accounts.models import Department, KnownPermission, Role, User, UserRole
from shopops.accounts.roles import DEPARTMENTS, GUARDED, ROLES, SHORT_IDLE
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, System, acting
from shopops.history.versions import Links, checked

if TYPE_CHECKING:
    from collections.abc import Iterable

ADMINISTRATOR: Final = "administrator"
ROLES_OF: Final = {"roles": Links(UserRole, "user_id", "role_id", Role)}


def sync_roles() -> None:
    """Make the departments and roles a store starts with; give permissions not met before to their roles.

    What people changed on the roles page stays.
    """
    with acting(SYSTEM):
        for position, (code, name, app) in enumerate(DEPARTMENTS):
            Department.objects.get_or_create(code=code, defaults={"name": name, "app": app, "position": position})
        for position, (code, name, department) in enumerate(ROLES):
            Role.objects.get_or_create(
                code=code,
                defaults={
                    "name": name,
                    "department": Department.objects.get(code=department),
                    "position": position,
                    "second_factor": Role.Factor.DEFAULT if code in GUARDED else Role.Factor.OFFERED,
                    "idle_minutes": SHORT_IDLE.get(code, 480),
                },
            )
        declared = permissions()
        known = set(KnownPermission.objects.values_list("code", flat=True))
        new = [declared[code] for code in sorted(declared.keys() - known)]
        for role in Role.objects.all() if new else ():
            gained = [item.code for item in new if role.code in item.roles]
            if gained:
                role.permissions = sorted({*role.permissions, *gained})
                role.save(update_fields=["permissions", "updated_at"])
        KnownPermission.objects.bulk_create([KnownPermission(code=item.code) for item in new])


def create_user(
    *,
    username: str,
    full_name: str,
    role_codes: "Iterable[str]",
    password: str,
    email: str = "",
    department: str | None = None,
    is_demo: bool = False,
    by: User | System,
) -> User:
    """Create a log-in with roles. Raises Refused for a taken name, an unknown role or a weak password."""
    roles = list(Role.objects.filter(code__in=list(role_codes)))
    missing = set(role_codes) - {role.code for role in roles}
    if missing:
        raise Refused(_("Unknown role: %(codes)s") % {"codes": ", ".join(sorted(missing))})
    user = User(username=username.strip().lower(), full_name=full_name, email=email, is_demo=is_demo)
    user.department = (
        Department.objects.get(code=department) if department else next((r.department for r in roles), None)
    )
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    user.set_password(password)
    try:
        with acting(by), transaction.atomic():
            user.save()
            user.roles.set(roles)
    except IntegrityError as error:
        raise Refused(_("The user name “%(name)s” is taken.") % {"name": username}) from error
    return user


def change_user(
    user_id: int,
    *,
    full_name: str,
    email: str,
    department: Department | None,
    is_active: bool,
    roles: "Iterable[Role]",
    version: int,
    by: User | System,
) -> User:
    """Change a person's log-in, at once; people do it through ``person_changes``, which asks for what gives rights.

    ``roles`` are not set, only compared.
    Raises Refused where the last active administrator would go, Conflict where somebody changed the person
    or the roles since ``version``.

    Nobody takes the log-in from themselves as administrator: a second person does.
    """
    with acting(by):
        user = keep_an_administrator(user_id, keeps=is_active, by=by)
        values = {"full_name": full_name, "email": email, "department": department, "is_active": is_active}
        checked(user, version, values=values, links={"roles": (ROLES_OF["roles"], roles)})
        changed = [name for name, value in values.items() if getattr(user, name) != value]
        for name in changed:
            setattr(user, name, values[name])
        if changed:
            user.save(update_fields=[*changed, "updated_at"])
        if not is_active:
            rights_changed(user, by=by)
    return user


def switch_on(user_id: int, *, by: User | System) -> None:
    """Let a log-in that was switched off work again, at once; people ask for it through ``person_changes``."""
    with acting(by):
        user = User.objects.select_for_update(of=["self"]).get(pk=user_id)
        user.is_active = True
        user.save(update_fields=["is_active", "updated_at"])


def set_roles(user_id: int, codes: "Iterable[str]", *, by: User | System) -> User:
    """Give a person exactly these roles, at once; people ask for it through ``role_changes``.

    Raises Refused where the last active administrator would go, or a role is gone.
    """
    wanted = set(codes)
    with acting(by):
        # Two people have agreed already, so it may concern the one who acts.
        user = keep_an_administrator(user_id, keeps=ADMINISTRATOR in wanted, by=SYSTEM)
        roles = list(Role.objects.filter(code__in=wanted))
        if missing := wanted - {role.code for role in roles}:
            raise Refused(_("Unknown role: %(codes)s") % {"codes": ", ".join(sorted(missing))})
        if set(user.roles.all()) != set(roles):
            user.roles.set(roles)
            rights_changed(user, by=by)
    return user


def keep_an_administrator(user_id: int, *, keeps: bool, by: User | System) -> User:
    """Lock a person whose role or log-in is about to change and return them.

    ``keeps``: they stay an active administrator. Raises Refused where nobody would be left, and for oneself.
    """
    # One lock for all, taken before the count, so that two administrators cannot remove each other at once.
    Role.objects.select_for_update().get(code=ADMINISTRATOR)
    administrators = list(User.objects.filter(roles__code=ADMINISTRATOR, is_active=True))
    user = User.objects.select_for_update(of=["self"]).get(pk=user_id)
    if user in administrators and not keeps:
        if len(administrators) == 1:
            raise Refused(_("This is the last active administrator. Give the role to somebody else first."))
        if user.pk == by.pk:
            raise Refused(_("Ask another administrator to take the role or the log-in from you."))
    return user


def rights_changed(user: User, *, by: User | System) -> None:
    """End what was begun under former roles: every session and every API token of ``user``."""
    sessions.end_all(user, by=by)
    tokens.revoke(user, by=by)


def speak(user: User, language: str) -> None:
    """Remember the language somebody chose (one of settings.LANGUAGES)."""
    with acting(user):
        user.language = language
        user.save(update_fields=["language", "updated_at"])


def new_password() -> str:
    """Return a random password (about 95 bits)."""
    return secrets.token_urlsafe(12)
