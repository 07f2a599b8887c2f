from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.postgres.aggregates import JSONBAgg
from django.db import models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from shopops.access.scopes import owned

if TYPE_CHECKING:
    from shopops.accounts.models import User


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: "User") -> Self:
        """People are listed by those who look after accounts, as far as that reaches; others see themselves."""
        return owned(self, user, "accounts.view")

    def with_permissions(self) -> Self:
        """Fetch what each person's roles give with the row (``grants`` and ``permission_codes`` ask no more)."""
        given = JSONObject(code="role__code", permissions="role__permissions", scope="scope", channels="channels")
        roles = apps.get_model("shopops", "UserRole").objects.filter(user=OuterRef("pk")).order_by().values("user")
        every = Subquery(roles.annotate(given=JSONBAgg(given)).values("given"), output_field=models.JSONField())
        return self.annotate(all_grants=Coalesce(every, Value([], models.JSONField())))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get(username=username)
        return user
