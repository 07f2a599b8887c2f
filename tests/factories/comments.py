"""Comments with files, as people leave them beside a record."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from PIL import Image

from shopops.accounts.models import User
from shopops.collaboration import files as kept
from shopops.collaboration import services
from shopops.collaboration.models import Comment


def picture(kind: str = "PNG", size: tuple[int, int] = (12, 8), mode: str = "RGB", **options: object) -> bytes:
    """Return the bytes of a small image."""
    out = io.BytesIO()
    Image.new(mode, size, 128).save(out, kind, **options)
    return out.getvalue()


def content_of(name: str) -> bytes:
    """Return plausible bytes for a file of this name."""
    ending = name.rpartition(".")[2].lower()
    if ending in {"png", "gif", "webp"}:
        return picture(ending.upper())
    if ending in {"jpg", "jpeg"}:
        return picture("JPEG")
    return b"%PDF-1.7\n%%EOF\n" if ending == "pdf" else b"a,b\n1,2\n"


def make_comment(record: Model, text: str = "Look at this.", *, by: User, files: list[str] | None = None) -> Comment:
    """Write on a record as ``by``, with files of these names."""
    uploads = [SimpleUploadedFile(name, content_of(name)) for name in files or []]
    return services.write(record, text, files=kept.make_ready(uploads), by=by).comment
