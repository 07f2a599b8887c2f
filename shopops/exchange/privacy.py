"""What kept uploads and refused rows hold encrypted."""

from collections.abc import Iterator

from shopops.exchange import boxes
from shopops.exchange.models import Upload
from shopops.privacy.ciphers import Ciphers, Files


def _old_uploads() -> Iterator[str]:
    paths = Upload.objects.exclude(path="").order_by("pk").values_list("path", flat=True)
    return (path for path in paths.iterator(chunk_size=1000) if not boxes.is_current(path))


CIPHERS = [Ciphers("shopops_importreject", ("cells",)), Files("uploads", _old_uploads, boxes.renew)]
