from django import forms
from django.utils.translation import gettext_lazy as _

from shopops.notifications.kinds import Kind
from shopops.notifications.models import Preference


class ToldForm(forms.Form):
    """How somebody is told by e-mail: each kind, and when not."""

    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=_("Quiet until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Store time. Leave both empty for no quiet hours; what is due in them waits."),
    )

    def __init__(self, *args: object, kinds: list[Kind], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = kinds
        for kind in kinds:
            self.fields[kind.code] = forms.ChoiceField(label=kind.label, choices=Preference.Mail)

    def rows(self) -> list[forms.BoundField]:
        """The fields of the kinds, for the table."""
        return [self[kind.code] for kind in self.kinds]

    def mails(self) -> dict[str, str]:
        """Kind → the choice made."""
        return {kind.code: self.cleaned_data[kind.code] for kind in self.kinds}
