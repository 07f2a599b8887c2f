"""Fields of forms that read strictly: what they show is what may be sent again."""

from decimal import Decimal

import pytest
from django import forms

from shopops import typed
from shopops.ui.fields import TypedField


class FeeForm(forms.Form):
    fee = TypedField(typed.money, required=False)
    rate = TypedField(typed.money, required=False, places=4)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("4321.0000", "4321.00"), ("4321.5000", "4321.50"), ("0.0000", "0.00"), ("12.3456", "12.3456"), (None, "")],
)
def test_a_stored_amount_is_shown_as_it_may_be_typed_and_never_rounded(stored, shown):
    value = None if stored is None else Decimal(stored)

    assert str(FeeForm(initial={"fee": value})["fee"]).count(f'value="{shown}"') == bool(shown)


def test_an_amount_saved_as_it_is_shown_stays_what_it_was():
    stored = {"fee": Decimal("4321.5000"), "rate": Decimal("0.1250")}
    shown = {name: str(FeeForm(initial=stored)[name].value()) for name in stored}

    form = FeeForm(shown)

    assert form.is_valid()
    assert form.cleaned_data == stored
