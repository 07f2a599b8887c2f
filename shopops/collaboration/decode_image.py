"""A program of its own, run with limits by ``decoding``: reads one image and writes its pixels anew.

Asked by JSON on standard input, answers by JSON on standard output. Needs Pillow and nothing of the store.
"""

import contextlib
import io
import json
import resource
import struct
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

SIDE = 480  # pixels of the small picture's longer side
READ = ("JPEG", "PNG", "GIF", "WEBP")
SAVED = {
    "JPEG": ("image/jpeg", {"quality": 88, "optimize": False}),
    "PNG": ("image/png", {"compress_level": 3}),
    "WEBP": ("image/webp", {"quality": 88, "method": 2}),
}


class RefusedImage(Exception):
    """The image is not taken; the first argument is why: pixels, frames, damaged."""


def main() -> None:
    asked = json.load(sys.stdin)
    _limit(asked)
    try:
        answer = _made_anew(Path(asked["path"]), asked["pixels"], asked["frames"])
    except RefusedImage as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "memory"}
    except Image.DecompressionBombError:
        answer = {"refused": "pixels"}
    except Exception:  # noqa: BLE001 - a decoder may raise anything over what strangers made
        answer = {"refused": "damaged"}
    answer["peak"] = _peak()
    sys.stdout.write(json.dumps(answer))


def _peak() -> int:
    """Return the most memory this process held, in KiB; the kernel's other figure begins with the parent's."""
    with contextlib.suppress(OSError), Path("/proc/self/status").open(encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _limit(asked: dict[str, Any]) -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of memory
        resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"], asked["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _made_anew(path: Path, most_pixels: int, most_frames: int) -> dict[str, Any]:
    try:
        image = Image.open(path, formats=READ)
    except UnidentifiedImageError:
        raise RefusedImage("damaged") from None
    width, height = image.size  # of the header: nothing is decoded yet
    if width * height > most_pixels:
        raise RefusedImage("pixels")
    frames = getattr(image, "n_frames", 1) if image.format in {"GIF", "WEBP", "PNG"} else 1
    if frames > most_frames or frames * width * height > most_pixels:
        raise RefusedImage("frames" if frames > 1 else "pixels")
    made = path.with_name("made")
    if frames > 1:
        first, kind = _animation(image, made), "WEBP"
    else:
        kind = {"GIF": "PNG", "MPO": "JPEG"}.get(image.format or "", image.format or "JPEG")
        first = _still(image, kind)
        first.save(made, kind, **SAVED[kind][1])
    size = first.size
    small = path.with_name("small")
    _thumbnail(first, small)
    media_type = SAVED[kind][0]
    return {
        "path": str(made), "thumbnail": str(small), "media_type": media_type, "width": size[0], "height": size[1]
    }  # fmt: skip


def _still(image: Image.Image, kind: str) -> Image.Image:
    image.load()
    with contextlib.suppress(ValueError, SyntaxError, OSError, KeyError, TypeError, struct.error):  # odd notes
        ImageOps.exif_transpose(image, in_place=True)
    plain = _eight_bit(_in_srgb(image), alpha=kind != "JPEG")
    plain.info.clear()  # comments, positions, profiles: only pixels go on
    return plain


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return the image in sRGB where its profile can be read; an odd profile is left out."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "CMYK", "L"}:
        return image
    try:
        wanted = ImageCms.createProfile("sRGB")
        found = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), wanted, outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return found or image


def _eight_bit(image: Image.Image, *, alpha: bool) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        image = image.point(lambda value: value / 256).convert("L")  # 16 bits of grey to 8
    has_alpha = alpha and (image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info)
    wanted = "RGBA" if has_alpha else "L" if image.mode in {"L", "1"} else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def _animation(image: Image.Image, made: Path) -> Image.Image:
    pictures = []
    for frame in ImageSequence.Iterator(image):
        picture = frame.convert("RGBA")
        picture.info.clear()
        pictures.append(picture)
    duration = min(max(int(image.info.get("duration") or 100), 20), 10_000)
    pictures[0].save(
        made, "WEBP", save_all=True, append_images=pictures[1:], duration=duration, loop=0, quality=80, method=0
    )
    return pictures[0]


def _thumbnail(image: Image.Image, path: Path) -> None:
    small = image.copy() if max(image.size) <= SIDE else image
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    small.info.clear()
    small.save(path, "WEBP", quality=80, method=2)


if __name__ == "__main__":
    main()
