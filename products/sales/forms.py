from decimal import Decimal
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from shopops import typed
from shopops.errors import Refused
from shopops.ui.editing import Versioned
from shopops.ui.fields import TypedField

HEAVIEST: Final = Decimal(1000)


class PlanForm(Versioned):
    """One month's plan; weights are typed or pasted, one per day."""

    amount = TypedField(typed.money, label=_("Planned net sales"), least=Decimal("0.01"), numeric="decimal")
    weights = forms.CharField(
        label=_("Weight of each day"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One number per day, separated by blanks or line breaks; an activity day weighs more. Empty: every day alike."
        ),
    )

    def clean_weights(self) -> list[Decimal]:
        text = self.cleaned_data["weights"].replace(",", " ").replace("，", " ")
        try:
            return [typed.money(part, places=6, most=HEAVIEST).value for part in text.split()]
        except Refused as error:
            raise forms.ValidationError(_("A weight is a number like 1 or 2.5, from 0 to 1000.")) from error
