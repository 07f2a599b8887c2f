from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.channels.models import Channel
from shopops.ui.tables import Cell, Column, Table


class ChannelTable(Table):
    title = Column(gettext_lazy("Channel"), link=True, fixed=True, second="code", phone=1, code=True)
    platform = Column(gettext_lazy("Platform"), format="words")
    currency = Column(gettext_lazy("Currency"), code=True)
    time_zone = Column(gettext_lazy("Time zone"), hidden=True, code=True)
    ship_hours = Column(gettext_lazy("Hours to ship"), format="number")
    sells_daily = Column(gettext_lazy("Every day"))
    data_from = Column(gettext_lazy("Data from"), format="moment")
    data_through = Column(gettext_lazy("Data through"), format="moment", phone=3)
    is_active = Column(gettext_lazy("State"), phone=2)

    def url(self, row: Channel) -> str:
        return reverse("channels:channel", args=[row.pk])

    def show_sells_daily(self, row: Channel) -> str:
        return _("yes") if row.sells_daily else _("no")

    def show_is_active(self, row: Channel) -> Cell:
        return Cell(_("Active"), badge="active") if row.is_active else Cell(_("Not in use"), badge="inactive")
