from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shopops import typed
from shopops.privacy.keeping import MOST_DAYS, Retention
from shopops.ui.fields import TypedField


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
