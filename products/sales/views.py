from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from products.catalogue.models import ChannelItem
from products.channels.models import Channel
from products.sales import planning, sums
from products.sales.forms import PlanForm
from products.sales.models import SalesPlan
from products.sales.rows import rows_url
from shopops import clock
from shopops.access.declare import StaffRequest, access
from shopops.access.scopes import channels_of, is_limited
from shopops.errors import Refused
from shopops.history.versions import Conflict, seen
from shopops.money import CENT
from shopops.typed import iso_day
from shopops.ui.editing import bound, conflict_page
from shopops.ui.pages import saved

LONGEST = 731  # days on one page
MONTHS_BACK = 6
MONTHS_AHEAD = 6


@access("sales.view", ["GET"])
def days(request: StaffRequest) -> HttpResponse:
    """Paid, refunds and net by day: the rows that add up to a net figure."""
    yesterday = clock.today() - timedelta(days=1)
    try:
        first = iso_day(request.GET.get("day_from", yesterday.isoformat()))
        last = min(iso_day(request.GET.get("day_to", yesterday.isoformat())), first + timedelta(days=LONGEST))
    except (ValueError, OverflowError) as error:  # the second: no page of days reaches beyond the calendar
        raise Http404 from error
    channel, code = request.GET.get("channel", "")[:32], request.GET.get("sku", "")[:80].replace("\x00", "")
    among = channels_of(request.user, "sales.view")
    if code:
        by_currency = sums.item_days(code, first, last, channel=channel, among=among)
    else:
        found = sums.days(first, last, channel=channel, among=among)
        by_currency = {currency: found.by_day(currency) for currency in found.currencies}
    tables = [
        {"currency": currency, "rows": [_day(day, row, channel, code) for day, row in sorted(rows.items(), reverse=True)],
         "total": sums.added(currency, rows.values())}
        for currency, rows in by_currency.items()
    ]  # fmt: skip
    seen = Channel.objects.seen_by(request.user, "sales.view")
    context = {
        "title": _("Paid, refunds and net by day"),
        "tables": tables,
        "first": first,
        "last": last,
        "channel": seen.filter(code=channel).values_list("title", flat=True).first() if channel else "",
        "code": code,
        "item": ChannelItem.objects.visible_to(request.user).sold_as(code).order_by("pk").first() if code else None,
    }
    return render(request, "products/sales/days.html", context)


def _day(day: date, row: sums.Sums, channel: str, code: str) -> dict[str, Any]:
    urls = {
        f"{metric}_url": rows_url(metric, day, day, channel=channel, sku=code)
        for metric in ("paid", "refunds", "orders", "pieces")
    }
    return {"day": day, "sums": row, **urls}


@access("sales.view", ["GET"])
def plans(request: StaffRequest) -> HttpResponse:
    """The sales plans round this month; the whole store's, so nothing for who sees some channels only."""
    if is_limited(request.user, "sales.view"):
        raise Http404
    now = clock.today().replace(day=1)
    months = [_month(now, number) for number in range(-MONTHS_BACK, MONTHS_AHEAD + 1)]
    known = {plan.month: plan for plan in SalesPlan.objects.filter(month__in=months, currency=settings.STORE_CURRENCY)}
    context = {
        "title": _("Sales plan"),
        "rows": [{"month": month, "plan": known.get(month), "now": month == now} for month in months],
        "currency": settings.STORE_CURRENCY,
        "may_change": request.user.has_perm("plans.change"),
    }
    return render(request, "products/sales/plans.html", context)


@access("plans.change", ["GET", "POST"])
def plan(request: StaffRequest, year: int, month: int) -> HttpResponse:
    """Type one month's plan."""
    if not (1 <= month <= 12 and 2000 <= year <= 2100) or is_limited(request.user, "plans.change"):
        raise Http404
    first = date(year, month, 1)
    known, version = seen(SalesPlan.objects.filter(month=first, currency=settings.STORE_CURRENCY))
    start: dict[str, Any] = {"version": version}
    if known is not None:
        start |= {"amount": known.amount.quantize(CENT), "weights": " ".join(known.weights)}
    form = bound(request, lambda data: PlanForm(data, initial=start))
    if form.is_valid():
        try:
            planning.set_plan(first, settings.STORE_CURRENCY, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            return conflict_page(request, conflict, title=_("Sales plan"), back=reverse("sales:plans"))
        except Refused as refusal:
            form.add_error("weights", str(refusal))
        else:
            return saved(request, _("The plan is saved."), reverse("sales:plans"), form=form)
    context = {
        "title": _("Sales plan"),
        "form": form,
        "month": first,
        "days": monthrange(year, month)[1],
        "currency": settings.STORE_CURRENCY,
    }
    return render(request, "products/sales/plan.html", context, status=422 if form.errors else 200)


def _month(base: date, number: int) -> date:
    year, month = divmod(base.year * 12 + base.month - 1 + number, 12)
    return date(year, month + 1, 1)
