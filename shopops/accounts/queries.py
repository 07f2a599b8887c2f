from typing import TYPE_CHECKING, Self

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Func, OuterRef

if TYPE_CHECKING:
    from shopops.accounts.models import User


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: "User") -> Self:
        """People are listed by those who look after accounts; others see themselves."""
        return self if user.has_perm("accounts.view") else self.filter(pk=user.pk)

    def with_permissions(self) -> Self:
        """Fetch each person's permission codes with the row (``permission_codes`` asks no more)."""
        roles = self.model._meta.get_field("roles").remote_field.model.objects
        codes = roles.filter(userrole__user=OuterRef("pk")).annotate(
            permission=Func(F("permissions"), function="unnest")
        )
        return self.annotate(all_codes=ArraySubquery(codes.values("permission")))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)
