from django import forms
from django.utils.translation import gettext_lazy as _


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note of the day"), max_length=200, required=False, strip=True)


class SubscriptionForm(forms.Form):
    wants = forms.BooleanField(required=False)
