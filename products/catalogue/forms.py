from django import forms
from django.utils.translation import gettext_lazy as _


class MapForm(forms.Form):
    """Which SKU an item is."""

    sku = forms.CharField(
        label=_("SKU code"), max_length=100, required=False, help_text=_("Empty: not mapped. Sales of the past follow.")
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
