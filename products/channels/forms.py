from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from products.channels.models import Channel
from shopops import typed
from shopops.ui.editing import Versioned
from shopops.ui.fields import TypedField

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


class ChannelForm(forms.ModelForm, Versioned):  # type: ignore[type-arg]  # takes none at run time
    """A channel as staff keep it; its code is given once."""

    shop_names = forms.CharField(
        label=_("Shop names in files"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, as the platform writes them. An import proposes the channel by them."),
    )
    closed_weekdays = forms.TypedMultipleChoiceField(
        label=_("Closed weekdays"),
        required=False,
        coerce=int,
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("On these a day without orders is no gap."),
    )
    title = TypedField(typed.words, label=_("title"), longest=80)
    ship_hours = TypedField(
        typed.whole,
        label=_("hours to ship after payment"),
        least=1,
        most=24 * 90,
        numeric="numeric",
        help_text=_("From 1 hour to 90 days."),
    )

    class Meta:
        model = Channel
        fields = (
            "code",
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
        help_texts = {
            "code": _("Short, of letters, digits and hyphens; commands and links use it."),
            "currency": _("Three letters, such as CNY. Fixed once orders are in."),
            "time_zone": _("Of times in files that name none."),
            "sells_daily": _("Then each day owes data, and the nightly report waits for it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["code"]
            self.initial["shop_names"] = "\n".join(self.instance.shop_names)

    def clean_shop_names(self) -> list[str]:
        names = [line.strip() for line in self.cleaned_data["shop_names"].splitlines()]
        if any(len(name) > 120 for name in names):
            raise forms.ValidationError(_("A name has at most 120 characters."))
        return list(dict.fromkeys(name for name in names if name))[:50]

    def clean_currency(self) -> str:
        code = self.cleaned_data["currency"].strip().upper()
        if not (len(code) == 3 and code.isascii() and code.isalpha()):
            raise forms.ValidationError(_("Three letters, such as CNY."))
        return code

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"].strip()
        if name not in available_timezones():
            raise forms.ValidationError(_("Not a known time zone; for example Asia/Shanghai."))
        return ZoneInfo(name).key
