"""The register of files taken along: everybody's, one's own, and each file's page."""

import re
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops import clock
from shopops.access.declare import STAFF, may
from shopops.access.field_classes import COST, PAY, PERSONAL
from shopops.accounts.models import User
from shopops.exchange.models import Export, words_of
from shopops.exchange.queries import known
from shopops.exchange.tables import CLASS_WORDS, ExportTable, classes_words
from shopops.ui import formats, records
from shopops.ui.filters import Choice, Days, Filter
from shopops.ui.pages import ListPage, RecordPage

MARK: Final = re.compile(r"\bE?(\d{1,18})(?=\.\w+$|$)", re.ASCII)
LONG: Final = timedelta(hours=1)  # no file is made or sent for so long


class ExportList(ListPage):
    """Who took what along, the newest first."""

    permission, table = "exports.view", ExportTable
    title, order = gettext_lazy("Files taken along"), ("-at", "-id")
    search_label = gettext_lazy("Number or name of a file")
    empty_title = gettext_lazy("Nobody has taken a file along yet")
    empty_text = gettext_lazy("Each list, report or copy taken along as a file stands here, with its number.")
    empty_icon: ClassVar[str] = "download"

    def get_queryset(self) -> QuerySet[Export]:
        return Export.objects.visible_to(self.request.user).select_related("user")

    def file_rows(self, rows: QuerySet[Export], noted: Export) -> QuerySet[Export]:
        return rows.exclude(pk=noted.pk)

    def search(self, queryset: QuerySet[Export], text: str) -> QuerySet[Export]:
        """Find a file by its number, or by the name it had: "orders-20260324-E000012.csv"."""
        found = MARK.search(text)
        return queryset.filter(pk=int(found[1])) if found else queryset.none()

    def get_filters(self) -> list[Filter]:
        return self._filters

    @cached_property
    def _filters(self) -> list[Filter]:
        people = User.objects.visible_to(self.request.user).order_by("full_name", "pk")
        who = Choice("who", _("Taken by"), lookup="user_id", choices=[(str(item.pk), str(item)) for item in people])
        return [who, *self._common()]

    def _common(self) -> list[Filter]:
        names = sorted(((what, words_of(told)["title"]) for what, told in known()), key=lambda item: item[1])
        holds = {
            PERSONAL: CLASS_WORDS[PERSONAL],
            "open": _("personal data, in full"),
            COST: CLASS_WORDS[COST],
            PAY: CLASS_WORDS[PAY],
        }
        return [
            Choice("what", _("List or report"), choices=names),
            Choice("holds", _("Sensitive data"), apply=_holding, choices=list(holds.items())),
            Days("day", _("Taken at"), lookup="at"),
        ]


def _holding(rows: Any, value: str) -> Any:
    return rows.in_the_open() if value == "open" else rows.holding(value)


class OwnExports(ExportList):
    """What somebody took along themselves."""

    permission, title = STAFF, gettext_lazy("Files I took along")
    is_exported = False
    empty_title = gettext_lazy("You have taken no file along yet")

    def get_queryset(self) -> QuerySet[Export]:
        return Export.objects.filter(user=self.request.user).select_related("user")

    @cached_property
    def _filters(self) -> list[Filter]:
        return self._common()


class ExportPage(RecordPage):
    """One file: who took it along, when, which filters and columns, who allowed it."""

    permission = STAFF
    template_name = "shopops/exchange/export.html"

    def get_object(self) -> Export:
        rows = Export.objects.visible_to(self.request.user).select_related("user", "approval")
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def context(self, record: Export) -> dict[str, Any]:
        words, sees_all = record.words, may(self.request.user, "exports.view")
        classes = record.column_classes + [""] * len(words["columns"])
        return {
            "title": words["title"],
            "facts": self._facts(record),
            "filters": [{"label": label, "value": said} for label, said in words["filters"]],
            "columns": [
                {"label": label, "kind": CLASS_WORDS.get(name, name)}
                for label, name in zip(words["columns"], classes, strict=False)
            ],
            "in_full": classes_words(record.classes, is_masked=False) if not record.is_masked else "",
            "never_ended": record.state == Export.State.BEGUN and clock.now() - record.at > LONG,
            "back": reverse("exchange:exports" if sees_all else "exchange:mine"),
            "back_words": ExportList.title if sees_all else OwnExports.title,
        }

    def _facts(self, record: Export) -> list[dict[str, Any]]:
        user = self.request.user
        person, asked = ("shopops_user", record.user_id), ("shopops_approval", record.approval_id or 0)
        about = (record.table_name, record.row_id or 0)
        links = records.shown(user, {key for key in (person, asked, about) if key[0] and key[1]})

        def fact(label: object, value: object, key: records.Key = ("", 0), **more: object) -> dict[str, Any]:
            return {"label": label, "value": value, "href": links[key].url if key in links else "", **more}

        facts = [
            fact(_("Taken by"), str(record.user), person, code=True),
            fact(_("Taken at"), formats.moment(record.at), title=formats.full_moment(record.at)),
            fact(_("Kind"), f"{record.get_kind_display()} · {record.format.upper()}"),
            fact(_("Rows"), formats.number(record.rows)),
            fact(_("Sensitive data"), classes_words(record.classes, is_masked=record.is_masked) or formats.ABSENT),
        ]
        if about in links:
            facts.append(fact(links[about].kind, links[about].title, about, code=True))
        if record.approval:
            by = str(record.approval.decided_by or _("Decided alone"))
            facts.append(fact(_("Allowed by"), f"#{record.approval_id} · {by}", asked, code=True))
        if record.expires_at:
            facts.append(fact(_("Kept until"), formats.moment(record.expires_at)))
        if record.request_id and may(user, "history.view"):
            url = f"{reverse('audit:list')}?request={record.request_id}"
            facts.append({"label": _("Request"), "value": record.request_id, "href": url, "code": True})
        return facts
