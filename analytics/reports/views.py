from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.reports import calendar as months
from analytics.reports import mailing, services, workbooks
from analytics.reports.forms import NoteForm, SubscriptionForm
from analytics.reports.models import Report, Revision, Subscription
from analytics.reports.reading import read
from products.sales import planning
from products.sales.models import DayNote
from shopops import clock
from shopops.access.declare import StaffRequest, access
from shopops.errors import Refused
from shopops.exchange import register
from shopops.exchange.register import Kind, Taking, Told
from shopops.history.versions import Conflict, seen
from shopops.ui.editing import bound, conflict_page
from shopops.ui.pages import side_of
from shopops.ui.undo import undo_tag


@access("reports.view", ["GET"])
def calendar(request: StaffRequest) -> HttpResponse:
    """The nights of a month: made, restated, missing."""
    now = clock.now()
    month = months.month_of(request.GET.get("month", ""), now)
    reports = Report.objects.visible_to(request.user)
    context = {
        "month": month,
        "before": (month - timedelta(days=1)).replace(day=1),
        "after": (month + timedelta(days=32)).replace(day=1),
        "weeks": months.weeks(month, reports, now=now),
        "counts": months.counts(now),
        "first_night": services.reports_from(),
        "newest": reports.filter(state=Report.State.MADE).order_by("-day").first(),
        "perms_subscribe": request.user.has_perm("reports.subscribe"),
        "subscribed": Subscription.objects.filter(user=request.user).exists(),
        "today": clock.store_day(now),
    }
    return render(request, "analytics/reports/list.html", context)


@access("reports.view", ["GET"])
def day(request: StaffRequest, day: date, number: int = 0) -> HttpResponse:
    """One day's report, its newest revision or a former one."""
    report = Report.objects.visible_to(request.user).filter(day=day).first()
    revisions = list(report.revisions.select_related("made_by").order_by("-number")) if report else []
    chosen = next((row for row in revisions if number in {0, row.number}), None)
    if number and chosen is None:
        raise Http404
    now = clock.now()
    note, version = seen(DayNote.objects.filter(day=day))
    context = {
        "day": day,
        "report": report,
        "revisions": revisions,
        "read": read(chosen) if chosen else None,
        "newest": not revisions or chosen is revisions[0],
        "mails": mailing.states_of(report) if report else [],
        "may_make": request.user.has_perm("reports.make"),
        "may_note": request.user.has_perm("notes.change"),
        "note_form": _note_form(None, note, version),
        "day_before": day - timedelta(days=1),
        "day_after": day + timedelta(days=1) if day + timedelta(days=1) < clock.store_day(now) else None,
        "is_over": day < clock.store_day(now),
        "side": side_of(request, report) if report else None,
    }
    return render(request, "analytics/reports/day.html", context)


@access("reports.view", ["GET"])
def workbook(request: StaffRequest, day: date, number: int) -> HttpResponseBase:
    """The revision as an XLSX workbook."""
    reports = Report.objects.visible_to(request.user)
    revision = get_object_or_404(Revision.objects.filter(report__in=reports), report__day=day, number=number)
    wanted = Taking(
        Kind.REPORT,
        "reports:workbook",
        "xlsx",
        lambda: Told(_("Nightly report"), filters=[(_("Store day"), day.isoformat()), (_("Revision"), str(number))]),
        record=revision.report,
    )
    with register.taking(request.user, wanted) as taken:
        book = workbooks.write(revision, taken)
        return register.answer(taken, f"report-{day.isoformat()}-{number}", book)


def _note_form(data: QueryDict | None, note: DayNote | None, version: int) -> NoteForm:
    return NoteForm(data, initial={"text": note.text if note else "", "version": version})


@access("notes.change", ["POST"])
def note(request: StaffRequest, day: date) -> HttpResponse:
    """Keep or take away the note of a day."""
    known, version = seen(DayNote.objects.filter(day=day))
    form = bound(request, lambda data: _note_form(data, known, version))
    if form.is_valid():
        try:
            act = planning.set_note(day, **form.cleaned_data, by=request.user)
        except Conflict as conflict:
            back = reverse("reports:day", args=[day])
            return conflict_page(request, conflict, title=_("Note of the day"), back=back)
        messages.success(request, _("The note of the day is saved."), extra_tags=undo_tag(act))
    else:
        messages.error(request, _("A note has at most 200 characters."))
    return _back(day)


@access("reports.make", ["POST"])
def make(request: StaffRequest, day: date) -> HttpResponseRedirect:
    """Ask for a new revision."""
    try:
        services.ask(day, by=request.user, now=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The report is being made. It appears here in a moment."))
    return _back(day)


@access("reports.make", ["POST"])
def send(request: StaffRequest, day: date) -> HttpResponseRedirect:
    """Send the newest revision to the subscribers who have not had it."""
    revision = Revision.objects.filter(report__day=day).order_by("-number").first()
    if revision is None:
        raise Http404
    count = services.send_to_all(revision, by=request.user)
    words = (
        ngettext("%(count)s mail will be sent.", "%(count)s mails will be sent.", count)
        if count
        else _("Every subscriber has had this revision.")
    )
    messages.success(request, words % {"count": count})
    return _back(day)


@access("reports.subscribe", ["POST"])
def subscription(request: StaffRequest) -> HttpResponseRedirect:
    """Begin or end one's own report by e-mail."""
    form = SubscriptionForm(request.POST)
    wants = form.is_valid() and form.cleaned_data["wants"]
    try:
        services.subscribe(request.user, wants=wants)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The report will come by e-mail.") if wants else _("No more reports by e-mail."))
    return HttpResponseRedirect(reverse("reports:list"))


def _back(day: date) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("reports:day", args=[day]))
