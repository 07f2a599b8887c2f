"""Order files by API: bring them (multipart), follow the job."""

from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from products.channels.models import Channel
from products.orders import imports
from products.orders.formats import base as formats
from products.orders.queries import imports_visible_to
from shopops.access.parsers import read_json
from shopops.exchange import uploads
from shopops.exchange.models import ImportReject
from shopops.jobs.models import Job

REJECTS_SHOWN: Final = 1000


class ImportRequest(serializers.Serializer):  # type: ignore[type-arg]  # takes none at run time
    """What may be said about the files; all of them go into one channel."""

    channel = serializers.CharField(max_length=32)
    format = serializers.CharField(max_length=40, required=False, default="")
    mapping = serializers.CharField(required=False, default="", max_length=100_000)  # JSON
    sheet = serializers.CharField(max_length=100, required=False, default="")
    skip_bad = serializers.BooleanField(required=False, default=False)
    on_tie = serializers.ChoiceField(choices=("take", "keep"), required=False, default="take")
    dry_run = serializers.BooleanField(required=False, default=False)
    confirmed = serializers.BooleanField(required=False, default=False)

    def validate_format(self, value: str) -> str:
        if value and value not in {item.code for item in formats.every()}:
            raise serializers.ValidationError(_("There is no such format."))
        return value

    def validate_mapping(self, value: str) -> dict[str, Any] | None:
        if not value:
            return None
        try:
            found = read_json(value)
        except ParseError as error:
            raise serializers.ValidationError(_("The mapping is not valid JSON.")) from error
        if not isinstance(found, dict):
            raise serializers.ValidationError(_("The mapping is not valid JSON."))
        return found


class Imports(APIView):
    """POST one or several files as ``file``; the answer names the job to follow."""

    permission = "orders.import"
    parser_classes = [MultiPartParser]

    def post(self, request: Request) -> Response:
        asked = ImportRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        channel = Channel.objects.visible_to(request.user).filter(code=given.pop("channel")).first()
        if channel is None:
            raise serializers.ValidationError({"channel": [_("There is no such channel.")]})
        files = request.FILES.getlist("file")
        if not files:
            raise serializers.ValidationError({"file": [_("Send at least one file.")]})
        if any(file.size > settings.IMPORT_MAX_BYTES for file in files):
            limit = settings.IMPORT_MAX_BYTES // 1_000_000
            raise serializers.ValidationError({"file": [_("A file is larger than %(limit)s MB.") % {"limit": limit}]})
        options = imports.Options(**given)
        batches = [
            imports.add_batch(
                uploads.keep(file.file, name=file.name, by=request.user),
                channel,
                options,
                by=request.user,
                position=position,
            )
            for position, file in enumerate(files)
        ]
        job = imports.submit(imports.RUN, batches, by=request.user)
        address = reverse("api_orders:import_job", args=[job.pk])
        return Response(_status(job, request.user), status=202, headers={"Location": address})


class ImportJob(APIView):
    """GET what became of a job: its state and progress, each file's counts, the refused rows (at most 1,000)."""

    permission = "orders.import"

    def get(self, request: Request, pk: int) -> Response:
        seen = imports_visible_to(request.user).filter(job=OuterRef("pk"))
        job = get_object_or_404(Job, Exists(seen), pk=pk, kind__in=(imports.CHECK, imports.RUN))
        return Response(_status(job, request.user))


def _status(job: Job, user: Any) -> dict[str, object]:
    batches = list(imports_visible_to(user).filter(job=job).select_related("upload").order_by("position", "pk"))
    rejects = ImportReject.objects.filter(batch__in=batches).order_by("batch", "row_no", "id")[:REJECTS_SHOWN]
    return {
        "job": job.pk,
        "state": job.state,
        "phase": job.phase,
        "progress": {"done": job.progress_done, "total": job.progress_total},
        "files": [imports.result(batch) for batch in batches],
        "rejects": [
            {
                "batch": row.batch_id,
                "row": row.row_no,
                "column": row.column,
                "value": row.value,
                "code": row.code,
                "message": row.reason,
            }
            for row in rejects
        ],
    }
