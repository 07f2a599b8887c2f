from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shopops import typed
from shopops.access.declare import permissions
from shopops.accounts.models import Department, Role
from shopops.ui.fields import TypedField


class RoleForm(forms.Form):
    """A new role: its name, its department, whose rights it begins with."""

    name = TypedField(typed.words, label=_("Name of the role"), longest=64)
    department = forms.ModelChoiceField(
        Department.objects.order_by("position", "pk"), label=_("Department"), required=False
    )
    like = forms.ModelChoiceField(
        Role.objects.order_by("position", "pk"),
        label=_("Copy the rights of"),
        required=False,
        help_text=_("Empty: it may do nothing yet."),
    )


class PermissionsForm(forms.Form):
    """What a role may do, and why that changes."""

    codes = forms.MultipleChoiceField(label=_("May"), required=False)
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        required=False,
        help_text=_("Who decides reads it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["codes"].choices = [(code, item.label) for code, item in permissions().items()]


class CompareForm(forms.Form):
    """Two roles side by side."""

    a = forms.ModelChoiceField(Role.objects.order_by("position", "pk"), label=_("Role"), empty_label=None)
    b = forms.ModelChoiceField(Role.objects.order_by("position", "pk"), label=_("Compared with"), empty_label=None)
