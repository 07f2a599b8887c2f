from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.orders import services
from products.orders.models import Order
from products.orders.own_forms import BulkFlagForm, BulkTextForm
from products.orders.states import OwnFlag
from shopops.acts.kinds import BulkAct, Undoable
from shopops.words import Words


def _flag(values: dict[str, Any]) -> str:
    label = OwnFlag(values["flag"]).label if values["flag"] else _("none")
    return _("Flag: %(flag)s") % {"flag": label}


def _text(values: dict[str, Any]) -> str:
    return _("“%(text)s”") % {"text": values["text"]}


REASONS: dict[str, Words] = {
    "gone": gettext_lazy("no longer there"),
    "long": gettext_lazy("the note would be longer than 500 characters"),
    "none": gettext_lazy("its note does not begin with it"),
    "changed": gettext_lazy("changed by somebody since; left as it stands"),
}
COMMON: dict[str, Any] = {"permission": "orders.note", "model": Order, "reasons": REASONS}
UNDOABLE = [Undoable(services.MARKED, "orders.note", services.unmark)]
BULK = [
    BulkAct(
        "orders.flag",
        gettext_lazy("Set the flag"),
        "tag",
        columns=("flag_own",),
        form=BulkFlagForm,
        apply=services.flag_many,
        words=_flag,
        **COMMON,
    ),
    BulkAct(
        "orders.note",
        gettext_lazy("Put before the note"),
        "pencil",
        columns=("note",),
        form=BulkTextForm,
        apply=services.prefix_many,
        words=_text,
        **COMMON,
    ),
    BulkAct(
        "orders.unnote",
        gettext_lazy("Take from the note"),
        "minus",
        columns=("note",),
        form=BulkTextForm,
        apply=services.unprefix_many,
        words=_text,
        **COMMON,
    ),
]
