"""Who holds a permission or a role now: people who are active, looked up afresh."""

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet

if TYPE_CHECKING:
    from shopops.accounts.models import User


def holders(permission: str) -> "QuerySet[User]":
    """Return the active people some role of whom gives ``permission``."""
    return _people_with(permissions__contains=[permission])


def of_role(code: str) -> "QuerySet[User]":
    """Return the active people who have the role."""
    return _people_with(code=code)


def _people_with(**of_role: object) -> "QuerySet[User]":
    user = get_user_model()
    roles = user._meta.get_field("roles").remote_field.model.objects
    has = roles.filter(userrole__user=OuterRef("pk"), **of_role)
    return user.objects.filter(Exists(has), is_active=True)
