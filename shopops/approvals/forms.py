from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _


class DecisionForm(forms.Form):
    """Yes or no to a request, with a note."""

    decision = forms.ChoiceField(choices=[("approve", _("Approve")), ("refuse", _("Refuse"))])
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The person who asked reads it."),
    )


class DecidersForm(forms.Form):
    """Who decides a kind of request besides those who have its permission."""

    kind = forms.CharField(max_length=64, widget=forms.HiddenInput)
    people = forms.ModelMultipleChoiceField(
        get_user_model().objects.filter(is_active=True).order_by("full_name", "pk"),
        label=_("Decide besides"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
