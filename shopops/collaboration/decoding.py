"""Images are decoded in a child process with limits of memory and time: a bomb takes only its own process down."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from shopops.errors import Refused

PROGRAM: Final = Path(__file__).with_name("decode_image.py")
SECONDS: Final = 30


@dataclass(frozen=True)
class Image:
    """An image made anew, and its small picture, beside the one that was brought."""

    path: Path
    thumbnail: Path
    media_type: str
    width: int
    height: int
    peak: int  # KiB the reader needed


def decode(path: Path) -> Image:
    """Make an image anew from its pixels, turned upright, without anything else it held. Raises Refused."""
    asked = {
        "path": str(path),
        "pixels": settings.ATTACHMENT_MAX_PIXELS,
        "frames": settings.ATTACHMENT_MAX_FRAMES,
        "memory": settings.ATTACHMENT_DECODE_BYTES,
        "seconds": SECONDS,
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the path is ours, the image is its input
            [sys.executable, "-I", str(PROGRAM)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=SECONDS + 5,
            check=False,
            env={"PATH": "/usr/bin:/bin"},  # no secrets for a process that reads what strangers made
            cwd=path.parent,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(_("Reading the image took too long.")) from error
    try:
        answer = json.loads(done.stdout)
    except ValueError:  # killed by a limit
        answer = {"refused": "memory"}
    if "refused" in answer:
        raise Refused(_words(answer["refused"]))
    return Image(
        path=Path(answer["path"]),
        thumbnail=Path(answer["thumbnail"]),
        media_type=answer["media_type"],
        width=answer["width"],
        height=answer["height"],
        peak=answer["peak"],
    )


def _words(code: str) -> str:
    limits = {"pixels": settings.ATTACHMENT_MAX_PIXELS // 1_000_000, "frames": settings.ATTACHMENT_MAX_FRAMES}
    texts = {
        "pixels": _("The image has more than %(pixels)s megapixels."),
        "frames": _("The animation has more than %(frames)s pictures, or is too large altogether."),
        "memory": _("The image needs too much memory to be read."),
    }
    return texts.get(code, _("The image is damaged or cut off.")) % limits
