from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.access.scopes import Scope
from shopops.accounts.models import User, UserRole
from shopops.accounts.reach import Reach, stamp


class ReachForm(forms.Form):
    """Somebody's team and, for each of their roles, whose rows and which channels it shows."""

    team = forms.CharField(
        label=gettext_lazy("Team"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Within the department; people of one team bear the same word."),
    )

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16, required=False)

    def __init__(
        self, *args: Any, person: User, held: Sequence[UserRole], channels: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, initial={"team": person.team, "seen": stamp(person, held)}, **kwargs)
        self.held = held
        for item in held:
            limited = item.channels is not None
            self.fields[f"scope-{item.pk}"] = forms.ChoiceField(
                label=_("Whose rows"), choices=Scope.choices, initial=item.scope
            )
            self.fields[f"limited-{item.pk}"] = forms.ChoiceField(
                label=_("Channels"),
                choices=[("", _("All, also those to come")), ("1", _("Only these"))],
                initial="1" if limited else "",
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"channels-{item.pk}"] = forms.TypedMultipleChoiceField(
                label=_("These channels"),
                coerce=int,
                choices=channels,
                initial=item.channels or [],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield each role with its bound fields, for the page."""
        for item in self.held:
            names = ("scope", "limited", "channels")
            yield {"role": item.role, **{name: self[f"{name}-{item.pk}"] for name in names}}

    def reaches(self) -> dict[int, Reach]:
        """Return the reach chosen for each role."""
        given = self.cleaned_data
        return {
            item.pk: Reach(
                Scope(given[f"scope-{item.pk}"]),
                frozenset(given[f"channels-{item.pk}"]) if given[f"limited-{item.pk}"] else None,
            )
            for item in self.held
        }
