from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef

from products.channels.models import Channel
from shopops.access.scopes import channels_of
from shopops.search.pieces import any_of, containing, knows_parts, searched, typed

if TYPE_CHECKING:
    from customers.identity.models import Customer, Identity  # noqa: F401 - the classes of rows below
    from shopops.accounts.models import User

FOUND_AT_MOST = 500


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: "User") -> Self:
        """Everybody; who sees some channels only, sees those who ordered there."""
        if not user.has_perm("identity.view"):
            return self.none()
        if (ids := channels_of(user, "identity.view")) is None:
            return self
        orders = self.model._meta.get_field("orders").related_model._default_manager
        return self.filter(Exists(orders.filter(customer=OuterRef("pk"), channel__in=sorted(ids))))

    def found(self, text: str, user: "User") -> Self:
        """Customers whose name contains ``text`` or who are known by it on a platform; at most a few hundred.

        They are looked for among those whom ``user`` sees, or those of a small channel would be missed; who may
        not uncover names finds them whole only.
        """
        plain = searched(text)
        if not plain:
            return self.none()
        seen = self.model._default_manager.visible_to(user)
        by_name = containing(seen, "name", plain, whole=not knows_parts(user)).values("pk")[:FOUND_AT_MOST]
        identities = self.model._meta.get_field("identities").related_model._default_manager
        scopes = ("taobao", "jd", "pdd", "douyin")
        by_key = identities.filter(scope__in=scopes, key=f"id:{typed(text)}").values("customer")[:FOUND_AT_MOST]
        return self.filter(pk__in=any_of(by_name, by_key))


class IdentityQuerySet(models.QuerySet["Identity"]):
    def visible_to(self, user: "User") -> Self:
        """Every name; who sees some channels only, those of their platforms and shops."""
        if not user.has_perm("identity.view"):
            return self.none()
        if (ids := channels_of(user, "identity.view")) is None:
            return self
        return self.filter(scope__in=sorted({item.identity_scope for item in Channel.objects.filter(pk__in=ids)}))
