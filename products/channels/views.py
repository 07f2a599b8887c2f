from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.channels import services
from products.channels.forms import ChannelForm
from products.channels.models import Channel
from products.channels.tables import ChannelTable
from shopops.access.declare import StaffRequest, access, may
from shopops.errors import Refused
from shopops.history.versions import Conflict, seen
from shopops.ui.editing import bound, conflict_page
from shopops.ui.pages import ListPage, RecordPage, form_page, saved
from shopops.words import listed


class ChannelList(ListPage):
    permission, table = "channels.view", ChannelTable
    title, order = gettext_lazy("Channels"), ("code",)
    empty_title = gettext_lazy("No channels yet")
    empty_text = gettext_lazy("A channel is one shop on one platform. The first import can make it.")

    def get_queryset(self) -> QuerySet[Channel]:
        return Channel.objects.visible_to(self.request.user)

    def actions(self) -> list[dict[str, Any]]:
        if not may(self.request.user, "channels.change"):
            return []
        return [{"label": _("New channel"), "url": reverse("channels:create"), "icon": "plus", "primary": True}]


class ChannelPage(RecordPage):
    permission, template_name = "channels.view", "products/channels/record.html"

    def get_object(self) -> Channel:
        return get_object_or_404(Channel.objects.visible_to(self.request.user), pk=self.kwargs["pk"])

    def context(self, record: Channel) -> dict[str, Any]:
        return {
            "facts": _facts(record),
            "may_change": may(self.request.user, "channels.change"),
        }


def _facts(channel: Channel) -> list[dict[str, Any]]:
    closed = [
        str(label)
        for day, label in ChannelForm.base_fields["closed_weekdays"].choices
        if day in channel.closed_weekdays
    ]
    return [
        {"label": _("Platform"), "column": "platform", "value": channel.get_platform_display()},
        {"label": _("Currency"), "column": "currency", "value": channel.currency, "code": True},
        {
            "label": _("Time zone of times without one"),
            "column": "time_zone",
            "value": channel.time_zone,
            "code": True,
        },
        {
            "label": _("Sells every day"),
            "column": "sells_daily",
            "value": _("yes") if channel.sells_daily else _("no"),
        },
        {"label": _("Closed weekdays"), "column": "closed_weekdays", "value": listed(closed) or None},
        {"label": _("Hours to ship after payment"), "column": "ship_hours", "value": channel.ship_hours},
        {
            "label": _("Shop names in files"),
            "column": "shop_names",
            "value": listed(channel.shop_names) or None,
            "code": True,
        },
    ]


@access("channels.change")
def create(request: StaffRequest) -> HttpResponse:
    """Make a channel."""
    form = ChannelForm(request.POST or None)
    if form.is_valid():
        try:
            channel = services.create(by=request.user, **form.values())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(
                request,
                _("Channel “%(title)s” made.") % {"title": channel.title},
                reverse("channels:channel", args=[channel.pk]),
                form=form,
            )
    return form_page(request, form, title=_("New channel"), back=reverse("channels:list"))


@access("channels.change")
def change(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a channel; where somebody saved meanwhile, their values are shown and nothing is lost (409)."""
    channel, version = seen(Channel.objects.visible_to(request.user).filter(pk=pk))
    if channel is None:
        raise Http404
    title, back = str(channel), reverse("channels:channel", args=[pk])
    form = bound(request, lambda data: ChannelForm(data, instance=channel, initial={"version": version}))
    if form.is_valid():
        try:
            services.change(pk, by=request.user, version=form.cleaned_data["version"], **form.values())
        except Conflict as conflict:
            return conflict_page(request, conflict, title=title, back=back)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, _("Saved."), back, form=form)
    return form_page(request, form, title=title, back=back)
