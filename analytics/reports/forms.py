from django import forms
from django.utils.translation import gettext_lazy as _

from shopops import typed
from shopops.ui.editing import Versioned
from shopops.ui.fields import TypedField


class NoteForm(Versioned):
    text = TypedField(typed.words, label=_("Note of the day"), longest=200, blank="", required=False)


class SubscriptionForm(forms.Form):
    wants = forms.BooleanField(required=False)
