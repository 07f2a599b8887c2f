"""The demo's rows in lists: left out once a real channel has data, as totals leave them out, and shown by a filter."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from products.channels.models import Channel
from shopops.ui.filters import Filter, Flag

if TYPE_CHECKING:
    from shopops.ui.pages import State

DEMO = "demo"


class LeavesDemoOut:
    """Mixed into a list before ``ListPage``; the list adds :meth:`demo_filters` to its filters.

    Who asks for one channel, import, item or buyer means its rows, whoever made them.
    """

    demo_named: ClassVar[tuple[str, ...]] = ("channel", "batch", "item", "customer")

    def of_demo(self, rows: QuerySet[Any], *, is_demo: bool) -> QuerySet[Any]:
        """Return the demo's rows, or the others; ``channel`` names each row's channel."""
        ids = [pk for pk, demo in self.demo_channels if demo is is_demo]
        return rows.filter(channel=ids[0]) if len(ids) == 1 else rows.filter(channel__in=ids)

    @cached_property
    def demo_channels(self) -> list[tuple[int, bool]]:
        """Every channel and whether it is the demo's; empty where there is nothing to leave out."""
        found = list(Channel.objects.values_list("pk", "is_demo", "data_through"))
        has_real = any(through is not None for _pk, demo, through in found if not demo)
        has_demo = any(demo for _pk, demo, _through in found)
        return [(pk, demo) for pk, demo, _through in found] if has_real and has_demo else []

    def demo_filters(self) -> list[Filter]:
        """Return the filter that shows the demo's rows, where lists leave them out."""
        if not self.demo_channels:
            return []
        return [Flag(DEMO, _("Demo store’s rows"), apply=lambda rows, _value: self.of_demo(rows, is_demo=True))]

    def _narrowed(self, state: "State") -> QuerySet[Any]:
        rows: QuerySet[Any] = super()._narrowed(state)
        named = any(state.filters.get(name) is not None for name in (DEMO, *self.demo_named))
        return rows if named or not self.demo_channels else self.of_demo(rows, is_demo=False)
