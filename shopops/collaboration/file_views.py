"""Attached files: handed out one by one to who may see their record, never run or shown as a page."""

from collections.abc import Iterator
from pathlib import PurePath

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from shopops.access.declare import STAFF, StaffRequest, access
from shopops.access.field_classes import WORDS
from shopops.collaboration import files, services
from shopops.collaboration.models import Attachment
from shopops.collaboration.views import act_on, seen
from shopops.exchange import register
from shopops.exchange.register import Kind, Taking, Told

SANDBOX = "default-src 'none'; sandbox"  # whatever a file holds, a browser runs nothing of it


def _seen(request: HttpRequest, pk: int) -> Attachment:
    item = Attachment.objects.filter(pk=pk, removed_at=None, comment__removed_at=None).select_related("comment").first()
    if item is None:
        raise Http404
    seen(request, item.comment.table_name, item.comment.row_id)
    return item


@access(STAFF, methods=("GET",))
def download(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Hand out a file, to be saved."""
    item = _seen(request, pk)
    name = PurePath(item.name)
    wanted = Taking(
        Kind.ATTACHMENT,
        "collaboration:file",
        name.suffix[1:13],
        lambda: Told(_("Attached file")),  # its name may be somebody's
        classes=[WORDS],
        is_masked=False,
        record=item,
    )
    with register.taking(request.user, wanted) as taken:
        answer = register.answer(taken, name.stem, _pieces(item.path), media_type=item.media_type)
    _box_in(answer)
    answer.headers["Content-Length"] = str(item.size)
    return answer


@access(STAFF, methods=("GET",))
def thumbnail(request: StaffRequest, pk: int) -> StreamingHttpResponse:
    """Hand out the small picture of an image."""
    item = _seen(request, pk)
    if not item.thumbnail:
        raise Http404
    answer = StreamingHttpResponse(_pieces(item.thumbnail), content_type="image/webp")
    answer.headers["Content-Disposition"] = "inline"
    _box_in(answer)
    return answer


def _pieces(path: str) -> Iterator[bytes]:
    pieces = files.stream_of(path)
    try:
        first = next(pieces, b"")
    except FileNotFoundError as error:  # the store was restored without its media
        raise Http404 from error

    def whole() -> Iterator[bytes]:
        yield first
        yield from pieces

    return whole()


def _box_in(answer: HttpResponseBase) -> None:
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"


@access(STAFF, methods=("POST",))
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Take one file away."""
    item = _seen(request, pk)
    record = seen(request, item.comment.table_name, item.comment.row_id)
    return act_on(request, record, lambda: services.remove_file(pk, by=request.user))
