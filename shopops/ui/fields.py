"""Form fields of what :mod:`shopops.typed` reads: a wrong spelling is an error at the field, a folded one a notice."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from shopops.errors import Refused
from shopops.typed import Typed


class TypedField(forms.CharField):
    """A field that reads its text by one function of :mod:`shopops.typed`; ``blank`` where it is empty."""

    def __init__(
        self, read: Callable[..., Typed[Any]], /, *, blank: Any = None, numeric: str = "", **kwargs: Any
    ) -> None:
        self.read, self.blank = read, blank
        self.rules = {name: kwargs.pop(name) for name in RULES & kwargs.keys()}
        self.notice = ""
        super().__init__(**kwargs)
        if numeric:
            self.widget.attrs.setdefault("inputmode", numeric)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored amount as it may be typed: 129.0000 as 129.00, and whatever would lose something as it is."""
        if not isinstance(value, Decimal):
            return value
        shown = value.quantize(Decimal(1).scaleb(-self.rules.get("places", 2)))
        return shown if shown == value else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text in self.empty_values:
            return self.blank
        try:
            found = self.read(str(text), **self.rules)
        except Refused as error:
            raise ValidationError(str(error)) from error
        self.notice = found.notice
        return found.value


RULES = frozenset({"places", "least", "most", "zone", "ends", "region", "longest", "lines"})


def notices(form: forms.Form) -> list[tuple[str, str]]:
    """Return (label, sentence) of each field whose spelling was folded."""
    return [
        (str(field.label), field.notice)
        for field in form.fields.values()
        if isinstance(field, TypedField) and field.notice
    ]
