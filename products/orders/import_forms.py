import re
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.channels.models import Channel
from products.orders.states import State

FIND: Final = ""  # the channel is found from the shop's name in the file
NEW: Final = "new"
FILES_AT_ONCE: Final = 20


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "products/orders/_dropzone.html"


class FilesField(forms.FileField):
    """One or several files of a form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=ManyFiles(attrs={"multiple": True}), **kwargs)

    def clean(self, value: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        files = [item for item in (value or []) if item]
        if not files:
            if self.required:
                raise forms.ValidationError(_("Choose at least one file."))
            return []
        if len(files) > FILES_AT_ONCE:
            raise forms.ValidationError(_("At most %(count)s files at once.") % {"count": FILES_AT_ONCE})
        for file in files:
            if file.size > settings.IMPORT_MAX_BYTES:
                raise forms.ValidationError(
                    _("“%(name)s” is larger than %(limit)s MB.")
                    % {"name": file.name[:60], "limit": settings.IMPORT_MAX_BYTES // 2**20}
                )
            if not file.size:
                raise forms.ValidationError(_("“%(name)s” is empty.") % {"name": file.name[:60]})
        return files


class NewImportForm(forms.Form):
    """Which files come into which channel; the channel may be made here."""

    files = FilesField(  # type: ignore[assignment]  # Django takes declared fields out of the class
        label=gettext_lazy("Files"),
        help_text=gettext_lazy("CSV, TXT, XLSX, XLS, also packed as GZ or ZIP. Several files are one import."),
    )
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    title = forms.CharField(label=gettext_lazy("New channel's title"), max_length=80, required=False)
    code = forms.CharField(
        label=gettext_lazy("New channel's code"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("Letters, digits and hyphens; empty: made from the title."),
    )
    platform = forms.ChoiceField(
        label=gettext_lazy("Platform"), choices=Channel.Platform.choices, required=False, initial="site"
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"), max_length=3, required=False, initial=settings.STORE_CURRENCY
    )
    format = forms.ChoiceField(label=gettext_lazy("Format"), required=False)
    skip_bad = forms.BooleanField(label=gettext_lazy("Good rows only: leave out rows that are refused"), required=False)
    once = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(
        self,
        *args: Any,
        channels: list[tuple[str, str]],
        formats: list[tuple[str, str]],
        has_files: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [
            (FIND, _("Find it from the shop's name in the file")),
            *channels,
            (NEW, _("A new channel …")),
        ]
        self.fields["format"].choices = [("", _("Find it from the content")), *formats]
        self.fields["files"].required = not has_files

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip().lower()
        if code and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", code):
            raise forms.ValidationError(_("Letters, digits and hyphens only."))
        return code

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("channel") == NEW:
            if not given.get("title", "").strip():
                self.add_error("title", _("Give the new channel a title."))
            given["code"] = (
                given.get("code") or slugify(given.get("title", ""))[:32] or f"channel-{Channel.objects.count() + 1}"
            )
            currency = (given.get("currency") or settings.STORE_CURRENCY).upper()
            if not re.fullmatch("[A-Z]{3}", currency):
                self.add_error("currency", _("Three letters, such as CNY."))
            given["currency"] = currency
        return given


BOTH_TIMES: Final = "created_at paid_at"
FIELD_LABELS: Final = {
    "order_number": gettext_lazy("Order number"),
    "line_key": gettext_lazy("Sub-order number"),
    "created_at": gettext_lazy("Ordered at"),
    "paid_at": gettext_lazy("Paid at"),
    BOTH_TIMES: gettext_lazy("Ordered and paid at"),  # one time for both, as invoices give it
    "shipped_at": gettext_lazy("Shipped at"),
    "finished_at": gettext_lazy("Finished at"),
    "state": gettext_lazy("State"),
    "buyer_id": gettext_lazy("Buyer's account"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "receiver_name": gettext_lazy("Receiver"),
    "address": gettext_lazy("Address"),
    "province": gettext_lazy("Province"),
    "city": gettext_lazy("City"),
    "district": gettext_lazy("District"),
    "code": gettext_lazy("SKU code"),
    "title": gettext_lazy("Goods' title"),
    "attributes": gettext_lazy("Colour and size"),
    "quantity": gettext_lazy("Pieces"),
    "unit_price": gettext_lazy("Unit price"),
    "amount": gettext_lazy("List amount of the line"),
    "line_paid": gettext_lazy("Paid of the line"),
    "payable": gettext_lazy("Payable"),
    "paid": gettext_lazy("Paid"),
    "net_paid": gettext_lazy("Paid after refunds"),
    "postage": gettext_lazy("Postage"),
    "discount_store": gettext_lazy("Store's discount"),
    "discount_platform": gettext_lazy("Platform's discount"),
    "stated_refund": gettext_lazy("Refunded as stated"),
    "message": gettext_lazy("Buyer's message"),
    "memo": gettext_lazy("Memo"),
    "courier": gettext_lazy("Courier"),
    "waybill": gettext_lazy("Waybill"),
    "shop_name": gettext_lazy("Shop name"),
    "refund_number": gettext_lazy("Refund number"),
    "refund_order": gettext_lazy("Refund's order number"),
    "refund_amount": gettext_lazy("Refund's amount"),
    "refund_state": gettext_lazy("Refund's state"),
    "requested_at": gettext_lazy("Refund asked at"),
    "done_at": gettext_lazy("Refund done at"),
    "reason": gettext_lazy("Refund's reason"),
}


class MappingForm(forms.Form):
    """Which column of a file means what, and the rules it is read by."""

    name = forms.CharField(
        label=gettext_lazy("Keep this mapping as"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Then files with the same columns are recognised."),
    )
    row = forms.ChoiceField(
        label=gettext_lazy("One row is"),
        required=False,
        choices=[
            ("", gettext_lazy("found from the columns")),
            ("order", gettext_lazy("an order")),
            ("line", gettext_lazy("a line of an order")),
            ("refund", gettext_lazy("a refund")),
        ],
    )
    credit_prefix = forms.CharField(
        label=gettext_lazy("Numbers of credit notes begin with"), max_length=8, required=False
    )
    adjustment_prefix = forms.CharField(
        label=gettext_lazy("Numbers of finance adjustments begin with"), max_length=8, required=False
    )
    non_goods = forms.CharField(
        label=gettext_lazy("Codes that are no goods"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("Separated by commas; * stands for any text."),
    )
    state = forms.ChoiceField(label=gettext_lazy("State where the file gives none"), required=False)
    upper = forms.BooleanField(label=gettext_lazy("Write codes in capitals"), required=False)
    whole = forms.BooleanField(label=gettext_lazy("Leave out .0 at the end of buyers’ accounts"), required=False)

    def __init__(self, *args: Any, columns: list[str], guesses: dict[str, str], **kwargs: Any) -> None:

        super().__init__(*args, **kwargs)
        self.columns = columns
        self.fields["state"].choices = [("", "–"), *State.choices]
        choices = [("", _("not used")), *FIELD_LABELS.items()]
        for index, column in enumerate(columns):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=column, required=False, choices=choices, initial=guesses.get(column, "")
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        used: dict[str, list[str]] = {}
        for index, column in enumerate(self.columns):
            for target in given.get(f"column_{index}", "").split():
                used.setdefault(target, []).append(column)
        if not used:
            raise forms.ValidationError(_("Say of at least one column what it means."))
        for target, columns in used.items():
            if len(columns) > 1:
                raise forms.ValidationError(
                    _("%(field)s is given to several columns: %(columns)s.")
                    % {"field": FIELD_LABELS[target], "columns": "、".join(columns)}
                )
        given["mapping"] = self._mapping(given, {target: columns[0] for target, columns in used.items()})
        return given

    def _mapping(self, given: dict[str, Any], fields: dict[str, str]) -> dict[str, Any]:
        rules: dict[str, Any] = {
            name: given[name] for name in ("row", "credit_prefix", "adjustment_prefix") if given.get(name)
        }
        if codes := [
            code.strip() for code in (given.get("non_goods") or "").replace("，", ",").split(",") if code.strip()
        ]:
            rules["non_goods"] = codes
        if given.get("upper") and "code" in fields:
            rules["upper"] = ["code"]
        if given.get("whole") and "buyer_id" in fields:
            rules["strip_suffix"] = {"buyer_id": ".0"}
        mapping: dict[str, Any] = {"fields": fields}
        if given.get("state"):
            mapping["constants"] = {"state": given["state"]}
        if rules:
            mapping["rules"] = rules
        if given.get("name"):
            mapping["title"] = given["name"].strip()
        return mapping

    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column_{index}"] for index in range(len(self.columns))]

    def rule_fields(self) -> list[forms.BoundField]:
        return [
            self[name]
            for name in ("row", "state", "credit_prefix", "adjustment_prefix", "non_goods", "upper", "whole", "name")
        ]
