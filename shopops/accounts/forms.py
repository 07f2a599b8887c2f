from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shopops import typed
from shopops.accounts import tokens
from shopops.accounts.models import Department, Role, User
from shopops.ui.editing import Versioned
from shopops.ui.fields import TypedField


class PersonForm(forms.ModelForm, Versioned):  # type: ignore[type-arg]  # takes none at run time
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

    version = None  # type: ignore[assignment]  # nobody else can have it open

    class Meta(PersonForm.Meta):
        fields = ["username", "full_name", "email", "department", "roles"]


class PasswordForm(forms.Form):
    """The password somebody chooses, typed once; pasting is welcome."""

    password = forms.CharField(
        label=_("New password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; a sentence is good."),
    )


class ForgottenForm(forms.Form):
    """Who forgot a password."""

    name = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class TokenForm(forms.Form):
    """A new API token: what it is for, what it may do, how long."""

    name = TypedField(typed.words, label=_("Name"), longest=64, help_text=_("What it is for, as “nightly upload”."))
    days = TypedField(typed.whole, label=_("Days it works"), least=1, most=365, initial=90, numeric="numeric")
    scopes = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:  # noqa: ANN401 - what Django's forms take
        super().__init__(*args, **kwargs)
        self.offers = tokens.offered(user)
        self.fields["scopes"].choices = self.offers


class LeaveForm(forms.Form):
    """Who takes over from somebody who leaves."""

    to = forms.ChoiceField(label=_("Who takes over"))

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:  # noqa: ANN401 - what Django's forms take
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", "–"), *((str(person.pk), str(person)) for person in people)]


class RulesForm(forms.Form):
    """Second factor and idle time of every role."""

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:  # noqa: ANN401 - what Django's forms take
        super().__init__(*args, **kwargs)
        self.roles = roles
        for role in roles:
            self.fields[f"factor_{role.pk}"] = forms.ChoiceField(
                label=str(role), choices=Role.Factor.choices, required=False, initial=role.second_factor
            )
            self.fields[f"minutes_{role.pk}"] = TypedField(
                typed.whole, label=str(role), least=5, most=720, initial=role.idle_minutes
            )

    def lines(self) -> list[dict[str, object]]:
        """Return one line a role for the page."""
        return [
            {"role": role, "factor": self[f"factor_{role.pk}"], "minutes": self[f"minutes_{role.pk}"]}
            for role in self.roles
        ]

    def wanted(self) -> dict[int, tuple[str, int]]:
        """Return (second factor, minutes) by role."""
        given = self.cleaned_data
        return {role.pk: (given[f"factor_{role.pk}"], given[f"minutes_{role.pk}"]) for role in self.roles}
