"""The mail that carries the report."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.reports.models import Revision
from analytics.reports.reading import ReadReport, ReadSection, read
from shopops.accounts.models import User


def compose(revisions: Sequence[Revision], user: User) -> EmailMultiAlternatives:
    """Return one mail with all ``revisions``, newest day first, in the language that is switched on."""
    reports = [read(revision) for revision in sorted(revisions, key=lambda revision: revision.report.day, reverse=True)]
    context = {
        "reports": reports,
        "store": settings.STORE_NAME,
        "site": settings.SITE_URL,
        "calendar": settings.SITE_URL + reverse("reports:list"),
        "basis": reports[0].basis,
    }
    mail = EmailMultiAlternatives(
        subject=_subject(reports),
        body="\n\n\n".join(_text(report) for report in reports) + f"\n\n{reports[0].basis}\n{context['calendar']}\n",
        to=[user.email],
        headers={
            "Auto-Submitted": "auto-generated",
            "X-ShopOps-Report": ",".join(str(report.revision) for report in reports),
        },
    )
    mail.attach_alternative(render_to_string("analytics/reports/mail.html", context), "text/html")
    return mail


def _subject(reports: list[ReadReport]) -> str:
    newest = reports[0]
    values = {"store": settings.STORE_NAME, "day": newest.day_words, "count": len(reports)}
    if len(reports) > 1:
        return _("%(store)s: sales reports of %(count)s days up to %(day)s") % values
    if newest.changes:
        return _("%(store)s: sales report of %(day)s, restated") % values
    return _("%(store)s: sales report of %(day)s") % values


def _text(report: ReadReport) -> str:
    lines = [f"{settings.STORE_NAME} · {report.day_words}", report.made]
    lines += [_("Data through") + ": " + "; ".join(f"{title} {moment}" for title, moment in report.through), ""]
    lines += [f"! {alarm['words']}" for alarm in report.alarms]
    lines += [f"{line.label}: {line.words}" for line in report.lines]
    if report.note:
        lines.append(f"{_('Note of the day')}: {report.note}")
    if report.changes:
        lines += ["", _("Restated: figure sent → figure now")]
        lines += [f"{row['metric']} {row['currency']}: {row['sent']} → {row['now']}" for row in report.changes]
        lines += [f"{_('File')}: {file['name']}" for file in report.files]
    for section in report.sections:
        if section.code != "status":
            lines += ["", section.title, *_table_lines(section)]
    return "\n".join([*lines, "", settings.SITE_URL + report.url])


def _table_lines(section: ReadSection) -> list[str]:
    lines = []
    for table in section.tables:
        lines += [table.caption] if table.caption else []
        lines.append(" | ".join(str(column.label) for column in table.columns))
        lines += [" | ".join(f"{cell.words} {cell.second}".strip() for cell in cells) for cells, _total in table.rows]
    return lines
