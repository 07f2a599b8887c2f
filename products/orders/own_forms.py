from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from products.orders.states import OwnFlag
from shopops import typed
from shopops.ui.editing import Versioned
from shopops.ui.fields import TypedField

if TYPE_CHECKING:
    from django.http import QueryDict

    from products.orders.models import Order

LONGEST = 500
PREFIX = 60
NONE = [("", _("No flag"))]


class OwnForm(Versioned):
    """The store's flag and note of one order."""

    flag_own = forms.ChoiceField(label=_("Store's flag"), choices=[*NONE, *OwnFlag.choices], required=False)
    note = TypedField(
        typed.words,
        label=_("Store's note"),
        longest=LONGEST,
        lines=True,
        blank="",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST}),
        help_text=_("Only for us: platforms and imports never see or change it."),
    )


def own_form(data: "QueryDict | None", order: "Order", version: int) -> OwnForm:
    """Return the form as it was sent, or with what the order holds at ``version``."""
    return OwnForm(data, initial={"note": order.note, "flag_own": order.flag_own, "version": version})


class BulkFlagForm(forms.Form):
    """The flag many orders get."""

    flag = forms.ChoiceField(
        label=_("Store's flag"), choices=[*OwnFlag.choices, ("none", _("No flag"))], widget=forms.RadioSelect
    )

    def clean_flag(self) -> str:
        """Nothing is chosen beforehand: taking flags away is a choice too."""
        flag: str = self.cleaned_data["flag"]
        return "" if flag == "none" else flag


class BulkTextForm(forms.Form):
    """What is put before many notes, or taken from their beginning."""

    text = TypedField(
        typed.words,
        label=_("Text"),
        longest=PREFIX,
        help_text=_("It stands at the beginning of each note; at most 60 characters."),
    )
