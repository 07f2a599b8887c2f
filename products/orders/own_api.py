"""The store's own note and flag of an order by API: read with a version, written only on top of it."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from products.orders import services
from products.orders.models import Order
from products.orders.own_forms import LONGEST
from products.orders.states import OwnFlag
from shopops import typed
from shopops.access.versions import etag, sent_version
from shopops.errors import Refused
from shopops.history.versions import seen


class Marks(serializers.Serializer):  # type: ignore[type-arg]  # a serializer of no model
    """What may be written; what is left out stays."""

    note = serializers.CharField(max_length=LONGEST, allow_blank=True, required=False)
    flag_own = serializers.ChoiceField(choices=OwnFlag.choices, allow_blank=True, required=False)

    def validate_note(self, value: str) -> str:
        try:
            return typed.words(value, longest=LONGEST, lines=True).value
        except Refused as error:
            raise serializers.ValidationError(str(error)) from error

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields) - {"version"})):
            raise serializers.ValidationError({name: [_("Not known here.")] for name in unknown[:20]})
        return super().to_internal_value(data)


class OwnMarks(APIView):
    """GET an order's note and flag with their ``ETag``; PATCH them with ``If-Match`` or ``version`` (409 when stale)."""

    permission = "orders.note"

    def get(self, request: Request, pk: int) -> Response:
        return _shown(request, pk)

    def patch(self, request: Request, pk: int) -> Response:
        _shown(request, pk)  # 404 before anything else
        given = Marks(data=request.data)
        given.is_valid(raise_exception=True)
        services.mark(pk, version=sent_version(request), by=request.user, **given.validated_data)
        return _shown(request, pk)


def _shown(request: Request, pk: int) -> Response:
    order, version = seen(Order.objects.visible_to(request.user).filter(pk=pk))
    if order is None:
        raise Http404
    body = {"id": order.pk, "number": order.number, "note": order.note, "flag_own": order.flag_own, "version": version}
    return Response(body, headers={"ETag": etag(version)})
