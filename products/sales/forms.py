from decimal import Decimal, InvalidOperation

from django import forms
from django.utils.translation import gettext_lazy as _


class PlanForm(forms.Form):
    """One month's plan; weights are typed or pasted, one per day."""

    amount = forms.DecimalField(
        label=_("Planned net sales"), max_digits=14, decimal_places=2, min_value=Decimal("0.01")
    )
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
            found = [Decimal(part) for part in text.split()]
        except InvalidOperation as error:
            raise forms.ValidationError(_("A weight is a number like 1 or 2.5.")) from error
        if any(not weight.is_finite() or weight > 1000 for weight in found):
            raise forms.ValidationError(_("A weight lies between 0 and 1000."))
        return found
