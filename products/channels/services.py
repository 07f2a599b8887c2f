from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from products.channels.models import Channel
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.history.versions import checked

if TYPE_CHECKING:
    from shopops.accounts.models import User

FIELDS = (
    "title",
    "platform",
    "shop_names",
    "currency",
    "time_zone",
    "sells_daily",
    "closed_weekdays",
    "ship_hours",
    "is_active",
)
FIXED_ONCE_USED = ("platform", "currency")


def create(code: str, *, by: "User", **values: Any) -> Channel:
    """Make a channel. Raises Refused where the code is taken."""
    if Channel.objects.filter(code=code).exists():
        raise Refused(_("The channel “%(code)s” exists already.") % {"code": code})
    with acting(by):
        return Channel.objects.create(code=code, **{name: values[name] for name in FIELDS if name in values})


def change(channel_id: int, *, version: int, by: "User", **values: Any) -> Channel:
    """Save what differs of a channel read at ``version``.

    Raises Conflict where somebody changed these fields since, Refused where a used channel's platform or
    currency would change (identities and figures stand on them).
    """
    with acting(by):
        channel = Channel.objects.select_for_update().get(pk=channel_id)
        checked(channel, version, values={name: values[name] for name in FIELDS if name in values})
        changed = [name for name in FIELDS if name in values and getattr(channel, name) != values[name]]
        if channel.data_through is not None and (fixed := [name for name in FIXED_ONCE_USED if name in changed]):
            label = next(field.verbose_name for field in Channel._meta.fields if field.name == fixed[0])
            raise Refused(_("The %(field)s stays: orders of this channel are counted by it.") % {"field": label})
        for name in changed:
            setattr(channel, name, values[name])
        if changed:
            channel.save(update_fields=[*changed, "updated_at"])
    return channel
