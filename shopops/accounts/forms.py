from django import forms
from django.utils.translation import gettext_lazy as _

from shopops import typed
from shopops.accounts.models import Department, Role, User
from shopops.ui.fields import TypedField


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """What an administrator sets of a log-in."""

    full_name = TypedField(typed.words, label=_("name"), longest=64)
    email = TypedField(typed.email, label=_("e-mail"), blank="", required=False, widget=forms.EmailInput)
    roles = forms.ModelMultipleChoiceField(
        Role.objects.order_by("position", "pk"), label=_("Roles"), widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = User
        fields = ["full_name", "email", "department", "roles", "is_active"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.order_by("position", "pk")

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        raise NotImplementedError("A log-in is changed by shopops.accounts.services.")


class NewPersonForm(PersonForm):
    """A new log-in; its password is set by the person, through a one-time link."""

    username = forms.SlugField(
        label=_("User name"),
        max_length=64,
        help_text=_("Lower-case letters, digits and hyphens; it cannot be changed."),
    )

    class Meta(PersonForm.Meta):
        fields = ["username", "full_name", "email", "department", "roles"]


class PasswordForm(forms.Form):
    """The password somebody chooses, typed once; pasting is welcome."""

    password = forms.CharField(
        label=_("New password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; a sentence is good."),
    )
