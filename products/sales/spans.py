"""Which days some import covers: a day without orders is 0 there, a gap elsewhere."""

from collections import defaultdict
from datetime import date, timedelta

from products.channels.models import ChannelSpan
from products.sales.questions import Question

Spans = list[tuple[date, date]]


def covered(first: date, last: date) -> dict[str, Spans]:
    """Return the spans some import covers, by channel code; they may reach beyond the range."""
    found: dict[str, Spans] = defaultdict(list)
    spans = ChannelSpan.objects.filter(first_day__lte=last, last_day__gte=first)
    for code, begin, end in spans.values_list("channel__code", "first_day", "last_day").distinct():
        found[code].append((begin, end))
    return found


def is_covered(day: date, spans: Spans) -> bool:
    return any(begin <= day <= end for begin, end in spans)


def covered_days(question: Question) -> dict[str, set[date]]:
    """Return, by channel code, the days of the range some import spans."""
    asked = {channel.code for channel in question.channels}
    found = {}
    for code, spans in covered(question.first, question.last).items():
        if code in asked:
            found[code] = {
                day for begin, end in spans for day in _days(max(begin, question.first), min(end, question.last))
            }
    return found


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
