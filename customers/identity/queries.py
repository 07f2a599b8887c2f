from typing import TYPE_CHECKING, Self

from django.db import models

from shopops.search.pieces import any_of, containing, searched, typed

if TYPE_CHECKING:
    from customers.identity.models import Customer  # noqa: F401 - the class of rows below
    from shopops.accounts.models import User

FOUND_AT_MOST = 500


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: "User") -> Self:
        return self if user.has_perm("identity.view") else self.none()

    def found(self, text: str) -> Self:
        """Customers whose name contains ``text`` or who are known by it on a platform; at most a few hundred."""
        plain = searched(text)
        if not plain:
            return self.none()
        every = self.model._default_manager
        by_name = containing(every.all(), "name", plain).values("pk")[:FOUND_AT_MOST]
        identities = self.model._meta.get_field("identities").related_model._default_manager
        scopes = ("taobao", "jd", "pdd", "douyin")
        by_key = identities.filter(scope__in=scopes, key=f"id:{typed(text)}").values("customer")[:FOUND_AT_MOST]
        return self.filter(pk__in=any_of(by_name, by_key))
