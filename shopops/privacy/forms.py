from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shopops import clock, typed
from shopops.privacy.keeping import MOST_DAYS, Retention
from shopops.privacy.models import Request
from shopops.privacy.registry import look_ups
from shopops.ui.fields import TypedField


class FindForm(forms.Form):
    """A request as it came, and by what the person is found; what is typed to find them is not kept."""

    kind = forms.ChoiceField(label=_("What they ask for"), choices=Request.Kind)
    way = forms.ChoiceField(label=_("How it came"), choices=Request.Way)
    received_day = TypedField(
        typed.day, label=_("Received on"), help_text=_("The deadline runs from this day, like 2026-03-01.")
    )
    look_up = forms.ChoiceField(label=_("Found by"))
    text = forms.CharField(
        label=_("What they told"),
        max_length=254,
        strip=True,
        help_text=_("In full. It is used to look them up and kept nowhere."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["look_up"].choices = [(code, item.label) for code, item in look_ups().items()]  # type: ignore[attr-defined]  # a choice field
        self.fields["received_day"].initial = clock.today().isoformat()


class OpenForm(FindForm):
    """The same with those who were chosen; nothing to look up any more."""

    who = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("look_up", "text"):
            del self.fields[name]
        # Signed by us, and read by requests.chosen, which refuses what is not.
        self.fields["who"].choices = [(token, "") for token in self.data.getlist("who")] if self.is_bound else []  # type: ignore[attr-defined]  # a choice field


class VerifyForm(forms.Form):
    proof = forms.ChoiceField(label=_("How we know it is them"), choices=Request.Proof)


class RefuseForm(forms.Form):
    reason = TypedField(typed.words, label=_("Why it is refused"), longest=500)


class KeepForm(forms.Form):
    """How many days one class of data is kept."""

    def __init__(self, *args: Any, rule: Retention, days: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"] = TypedField(
            typed.whole,
            label=_("Days"),
            least=rule.least_days,
            most=MOST_DAYS,
            numeric="numeric",
            initial=days,
            help_text=_("At least %(days)s.") % {"days": rule.least_days},
        )
