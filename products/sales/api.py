from django.http import QueryDict
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from products.sales import questions
from products.sales.figures import figures
from products.sales.questions import BadQuestion
from shopops.access.scopes import channels_of
from shopops.metrics.registry import metrics

_KNOWN = frozenset({"metric", "from", "to", "by", "channel", "basis", "refunds", "window"})


class FiguresView(APIView):
    """Figures of store days: the same question and the same answer as ``manage.py figures --json``."""

    permission = "sales.view"
    http_method_names = ["get", "head", "options"]

    def get(self, request: Request) -> Response:
        """``metric`` (repeated or with commas), ``from``, ``to``; ``by``, ``channel``, ``basis``, ``refunds``, ``window``."""
        given: QueryDict = request.query_params
        if unknown := sorted(set(given) - _KNOWN):
            questions.one_of(unknown[0], sorted(_KNOWN), "query")
        found = figures(
            [code for part in given.getlist("metric") for code in part.split(",") if code] or list(metrics()),
            questions.day(given.get("from", ""), "from"),
            questions.day(given.get("to", ""), "to"),
            by=given.get("by") or None,
            channel=given.getlist("channel"),
            basis=given.get("basis") or "paid",
            refunds=given.get("refunds") or "day",
            window=_number(given.get("window", "")),
            among=channels_of(request.user, self.permission),
        )
        return Response([figure.as_json() for figure in found])


def _number(text: str) -> int:
    if not text:
        return questions.WINDOW
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadQuestion(f"window: {text[:40]}")
    return int(text)
