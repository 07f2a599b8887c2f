"""The rules of logging in, by role: second factor and idle time."""

from django.conf import settings

from shopops.accounts import sessions
from shopops.accounts.models import Role, User
from shopops.history.actor import System, acting

Rule = tuple[str, int]  # second factor, minutes


def required_by_default() -> bool:
    """Say whether "required on a public address" means required here."""
    return bool(settings.SECURE)


def change(wanted: dict[int, Rule], *, by: "User | System") -> int:
    """Set the rules of roles (by key) and return how many changed.

    Who now owes a second factor and has none is logged out, as is everybody whose time became shorter:
    no session outlives the rule it was begun under.
    """
    changed = 0
    with acting(by):
        for role in Role.objects.select_for_update().filter(pk__in=wanted).order_by("pk"):
            factor, minutes = wanted[role.pk]
            if (role.second_factor, role.idle_minutes) == (factor, minutes):
                continue
            changed += 1
            stricter = sessions.is_required(factor) and not sessions.is_required(role.second_factor)
            shorter = minutes < role.idle_minutes
            role.second_factor, role.idle_minutes = factor, minutes
            role.save(update_fields=["second_factor", "idle_minutes", "updated_at"])
            people = User.objects.filter(roles=role, is_active=True).exclude(pk=by.pk)
            if not shorter:
                people = people.filter(factor_count=0) if stricter else people.none()
            for user in people:
                sessions.end_all(user, by=by)
    return changed
