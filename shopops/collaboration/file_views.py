"""Attached files: handed out one by one to who may see their record, never run or shown as a page."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from shopops.access.declare import STAFF, StaffRequest, access
from shopops.collaboration import files, services
from shopops.collaboration.models import Attachment
from shopops.collaboration.views import act_on, seen

SANDBOX = "default-src 'none'; sandbox"  # whatever a file holds, a browser runs nothing of it


def _seen(request: HttpRequest, pk: int) -> Attachment:
    item = Attachment.objects.filter(pk=pk, removed_at=None, comment__removed_at=None).select_related("comment").first()
    if item is None:
        raise Http404
    seen(request, item.comment.table_name, item.comment.row_id)
    return item


@access(STAFF, methods=("GET",))
def download(request: StaffRequest, pk: int) -> StreamingHttpResponse:
    """Hand out a file, to be saved."""
    item = _seen(request, pk)
    answer = _streamed(item.path, item.media_type, content_disposition_header(as_attachment=True, filename=item.name))
    answer.headers["Content-Length"] = str(item.size)
    return answer


@access(STAFF, methods=("GET",))
def thumbnail(request: StaffRequest, pk: int) -> StreamingHttpResponse:
    """Hand out the small picture of an image."""
    item = _seen(request, pk)
    if not item.thumbnail:
        raise Http404
    return _streamed(item.thumbnail, "image/webp", "inline")


def _streamed(path: str, media_type: str, disposition: str | None) -> StreamingHttpResponse:
    pieces = files.stream_of(path)
    try:
        first = next(pieces, b"")
    except FileNotFoundError as error:  # the store was restored without its media
        raise Http404 from error

    def whole() -> Iterator[bytes]:
        yield first
        yield from pieces

    answer = StreamingHttpResponse(whole(), content_type=media_type)
    answer.headers["Content-Disposition"] = disposition or "attachment"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@access(STAFF, methods=("POST",))
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Take one file away."""
    item = _seen(request, pk)
    record = seen(request, item.comment.table_name, item.comment.row_id)
    return act_on(request, record, lambda: services.remove_file(pk, by=request.user))
