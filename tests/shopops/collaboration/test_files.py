"""Files brought to a record: catalogue 3.3, line by line; nothing half-kept, never a server error."""

import io
import re
import struct
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from shopops import clock
from shopops.collaboration import decoding, files, services
from shopops.collaboration.models import Attachment, Comment
from shopops.errors import Refused
from shopops.exchange import boxes
from tests.factories.comments import make_comment, picture
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
MEGABYTE = 2**20


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VAR_DIR = tmp_path
    return tmp_path / "media" / "attachments"


@pytest.fixture
def attach(client_of):
    """Return a function that writes a comment with files and gives the answer."""
    client, order = client_of("planner"), make_order()

    def send(*brought, text=""):
        uploads = [SimpleUploadedFile(name, body, "application/octet-stream") for name, body in brought]
        url = reverse("collaboration:write", args=["products_order", order.pk])
        return client.post(url, {"text": text, "files": uploads}, headers={"HX-Request": "true"})

    send.client, send.order = client, order
    return send


def kept(media):
    return sorted(path.name for path in media.iterdir()) if media.is_dir() else []


def header_png(width, height):
    """A PNG that claims a size in its header and holds nearly nothing."""
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return picture("PNG", (1, 1)).replace(picture("PNG", (1, 1))[16:29], body)


def animation(frames, size=(4, 4), kind="GIF"):
    out = io.BytesIO()
    pictures = [Image.new("RGB", size, (number % 256, 0, 0)) for number in range(frames)]
    pictures[0].save(out, kind, save_all=True, append_images=pictures[1:], duration=40)
    return out.getvalue()


def workbook(*names, body=b"x"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml", *names):
            archive.writestr(name, body)
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
POLYGLOT = b"GIF89a/*" + animation(2)[8:] + b"*/=1;alert(1)"
REFUSED = {
    "65 empty": ("a.jpg", b""),
    "65 truncated": ("a.jpg", picture("JPEG", (400, 300))[:-900]),
    "65 text": ("a.jpg", b"just words, no picture"),
    "66 50,000 squared": ("a.png", header_png(50_000, 50_000)),
    "66 13,000 squared": ("a.png", header_png(13_000, 13_000)),
    "67 1,000 frames of a GIF": ("a.gif", animation(1000)),
    "67 1,000 frames of a WebP": ("a.webp", animation(1000, kind="WEBP")),
    "68 SVG": ("a.svg", SVG),
    "68 SVG as PNG": ("a.png", SVG),
    "68 HTML as PNG": ("a.png", HTML),
    "68 HTML": ("a.html", HTML),
    "68 picture as PDF": ("a.pdf", picture()),
    "program": ("a.exe", b"MZ\x90\0\3"),
    "program as text": ("a.txt", b"MZ\x90\0\3"),
    "no ending": ("a", picture()),
    "archive as workbook": ("a.xlsx", (lambda out: (zipfile.ZipFile(out, "w").writestr("a.txt", "x"), out)[1])(io.BytesIO()).getvalue()),
    "macros": ("a.xlsx", workbook("xl/vbaProject.bin")),
    "zip bomb": ("a.xlsx", workbook("xl/big.xml", body=b"\0" * 30 * MEGABYTE)),
    "broken archive": ("a.xlsx", workbook()[:60]),
    "71 too large": ("a.csv", b"a,b\n" * (6 * MEGABYTE)),
}  # fmt: skip


@pytest.mark.parametrize(("name", "body"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_allowed_file_is_refused_with_its_name_and_leaves_nothing(attach, media, name, body):
    answer = attach(("fine.csv", b"a,b\n1,2\n"), (name, body), text="Look")

    assert answer.status_code == 422
    assert f"“{name}”" in answer.content.decode()
    assert "Look" in answer.content.decode()  # what was typed is not lost
    assert (Comment.objects.count(), Attachment.objects.count(), kept(media)) == (0, 0, [])


TAKEN = {
    "jpeg": ("a.jpg", picture("JPEG"), "image/jpeg"),
    "png": ("a.png", picture(), "image/png"),
    "png of 16 bits": ("a.png", picture("PNG", mode="I;16"), "image/png"),
    "png with transparency": ("a.png", picture("PNG", mode="LA"), "image/png"),
    "palette": ("a.png", picture("PNG", mode="P"), "image/png"),
    "cmyk": ("a.jpg", picture("JPEG", mode="CMYK"), "image/jpeg"),
    "odd profile": ("a.png", picture("PNG", icc_profile=b"no profile at all"), "image/png"),
    "webp": ("a.webp", picture("WEBP"), "image/webp"),
    "gif": ("a.gif", picture("GIF", mode="P"), "image/png"),
    "animation": ("a.gif", animation(5), "image/webp"),
    "gif and script": ("a.gif", POLYGLOT, "image/webp"),
    "pdf": ("a.pdf", b"%PDF-1.7\n%%EOF", "application/pdf"),
    "workbook": ("a.xlsx", workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv in GB18030": ("a.csv", "款号,数量".encode("gb18030"), "text/csv"),
    "csv with a formula": ("a.csv", b"=1+1,2", "text/csv"),
    "text in UTF-16": ("a.txt", "你好".encode("utf-16"), "text/plain"),
    "html as text": ("a.txt", HTML, "text/plain"),
}


@pytest.mark.parametrize(("name", "body", "media_type"), TAKEN.values(), ids=TAKEN)
def test_a_file_is_handed_out_to_be_saved_and_nothing_in_it_can_run(attach, name, body, media_type):
    assert attach((name, body)).status_code == 200

    item = Attachment.objects.get()
    answer = attach.client.get(reverse("collaboration:file", args=[item.pk]))
    received = b"".join(answer.streaming_content)
    assert answer.headers["Content-Type"] == media_type
    stem, ending = name.rsplit(".")
    assert re.fullmatch(rf'attachment; filename="{stem}-E\d{{6,}}\.{ending}"', answer.headers["Content-Disposition"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    if item.kind == "image":
        assert b"alert" not in received
        assert Image.open(io.BytesIO(received)).size == (item.width, item.height)
        small = attach.client.get(reverse("collaboration:file_small", args=[item.pk]))
        assert small.headers["Content-Type"] == "image/webp"
        assert small.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert Image.open(io.BytesIO(b"".join(small.streaming_content))).format == "WEBP"
    else:
        assert received == body


def test_a_photo_is_turned_upright_and_loses_where_and_with_what_it_was_taken(attach):
    photo = Image.new("RGB", (30, 20), (200, 0, 0))
    exif = photo.getexif()
    exif[0x0112], exif[0x010F] = 6, "SECRET-CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    photo.save(out, "JPEG", exif=exif, comment=b"SECRET-COMMENT")
    assert b"SECRET-CAMERA" in out.getvalue()

    attach(("photo.jpg", out.getvalue()))

    item = Attachment.objects.get()
    received = b"".join(boxes.take(item.path))
    again = Image.open(io.BytesIO(received))
    assert again.size == (20, 30)
    assert not again.getexif()
    assert b"SECRET" not in received
    assert b"SECRET" not in b"".join(boxes.take(item.thumbnail))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_texts_and_profiles_inside_images_are_left_out(attach, kind):
    out, options = io.BytesIO(), {"exif": b"Exif\0\0SECRET"} if kind == "WEBP" else {}
    if kind == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_text("Author", "SECRET")
        options = {"pnginfo": info}
    Image.new("RGB", (5, 5)).save(out, kind, **options)
    assert b"SECRET" in out.getvalue()

    attach((f"a.{kind.lower()}", out.getvalue()))

    assert b"SECRET" not in b"".join(boxes.take(Attachment.objects.get().path))


NAMES = {
    "../../etc/passwd.csv": "passwd.csv",
    "..\\..\\boot.csv": "boot.csv",
    "line\nbreak.csv": "linebreak.csv",
    "con.csv": "con.csv",
    "evil\u202egpj.csv": "evilgpj.csv",
    "x" * 300 + ".csv": ("x" * 300 + ".csv")[-255:],
    '"><img src=x onerror=alert(1)>.csv': '"><img src=x onerror=alert(1)>.csv',
    "报价单.csv": "报价单.csv",
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items(), ids=[name[:20] for name in NAMES])
def test_a_files_name_is_only_ever_shown(attach, media, name, shown):
    ready = files.make_ready([_named(name)])
    services.write(attach.order, "", files=ready, by=attach.client.user)

    item = Attachment.objects.get()
    assert item.name == shown
    assert all(re.fullmatch(r"[0-9a-f]{32}", path) for path in kept(media))
    page = attach.client.get(f"/orders/{attach.order.pk}/").content.decode()
    assert "<img src=x" not in page
    answer = attach.client.get(reverse("collaboration:file", args=[item.pk]))
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")


def _named(name):
    upload = SimpleUploadedFile("x", b"a,b\n1,2\n")
    upload._name = name
    return upload


def test_another_departments_file_is_not_there(attach, client_of, make_user):
    comment = make_comment(make_order(), by=make_user("manager"), files=["a.png"])
    item = comment.files.get()
    urls = [reverse(f"collaboration:{name}", args=[item.pk]) for name in ("file", "file_small")]

    stranger = client_of("hr_officer")
    assert {stranger.get(url).status_code for url in urls} == {404}
    assert {attach.client.get(url).status_code for url in urls} == {200}


def test_a_removed_file_is_gone_from_the_disk_and_named_in_the_history(
    attach, media, django_capture_on_commit_callbacks
):
    attach(("a.png", picture()), ("b.csv", b"1,2"), text="Two")
    image = Attachment.objects.get(kind="image")
    assert len(kept(media)) == 3

    with django_capture_on_commit_callbacks(execute=True):
        attach.client.post(reverse("collaboration:file_remove", args=[image.pk]))

    assert len(kept(media)) == 1
    assert attach.client.get(reverse("collaboration:file", args=[image.pk])).status_code == 404
    assert "a.png" in attach.client.get(f"/orders/{attach.order.pk}/").content.decode()


@pytest.mark.parametrize(
    ("setting", "value"),
    [("ATTACHMENT_RECORD_BYTES", 20), ("ATTACHMENT_PERSON_BYTES", 20), ("ATTACHMENT_MAX_BYTES", 5)],
)
def test_what_would_be_too_much_is_refused_whole(attach, media, settings, setting, value):
    setattr(settings, setting, value)

    answer = attach(("a.csv", b"1,2,3,4,5,6"), ("b.csv", b"1,2,3,4,5,6"))

    assert answer.status_code == 422
    assert (Comment.objects.count(), kept(media)) == (0, [])


def test_many_files_at_once_are_refused(attach, media):
    """Eleven by us; ten thousand by the web framework, before they are looked at."""
    assert attach(*[(f"{number}.csv", b"1") for number in range(11)]).status_code == 422
    assert attach(*[(f"{number}.csv", b"1") for number in range(120)]).status_code == 400
    assert (Comment.objects.count(), kept(media)) == (0, [])


@pytest.mark.parametrize("size", [10 * 20 * MEGABYTE + MEGABYTE + 1, 2 * 2**30])
def test_a_request_that_must_be_too_large_is_refused_before_it_is_read(attach, size):
    url = reverse("collaboration:write", args=["products_order", attach.order.pk])

    assert attach.client.post(url, {"text": "x"}, CONTENT_LENGTH=str(size)).status_code == 413
    assert attach.client.post(url, {"text": "x"}).status_code == 302


def test_a_failure_after_the_files_were_kept_takes_them_away(attach, media, monkeypatch):
    monkeypatch.setattr(services, "_checked", lambda *_args, **_kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        attach(("a.png", picture()))

    assert (Comment.objects.count(), kept(media)) == (0, [])


def test_what_a_killed_process_left_is_removed_after_a_day(attach, media):
    attach(("a.csv", b"1,2"))
    named = kept(media)
    left = boxes.put(io.BytesIO(b"left"), files.FOLDER)
    assert files.remove_unnamed(now=clock.now()) == 0  # it may be in the making
    for path in media.iterdir():
        import os

        os.utime(path, (0, 0))

    assert files.remove_unnamed(now=clock.now()) == 1
    assert kept(media) == named
    assert Path(left.path).name not in kept(media)


def test_the_largest_image_is_read_within_its_memory(tmp_path):
    """40 megapixels with transparency: the reader's peak is told, and stays within its limit."""
    path = tmp_path / "large.png"
    Image.new("RGBA", (8000, 5000), (10, 20, 30, 128)).save(path, compress_level=1)

    made = decoding.decode(path)

    print(f"40 megapixels: peak {made.peak / 1024:.0f} MiB of {settings.ATTACHMENT_DECODE_BYTES >> 20}")
    assert (made.width, made.height) == (8000, 5000)
    assert made.peak * 1024 < settings.ATTACHMENT_DECODE_BYTES


@pytest.mark.parametrize("limit", ["memory", "time"])
def test_a_bomb_takes_only_its_own_process_down(tmp_path, monkeypatch, settings, limit):
    path = tmp_path / "large.png"
    Image.new("RGBA", (6000, 6000), (10, 20, 30, 128)).save(path, compress_level=1)
    if limit == "memory":
        settings.ATTACHMENT_DECODE_BYTES = 128 * MEGABYTE
    else:
        monkeypatch.setattr(decoding, "SECONDS", -4.9)

    with pytest.raises(Refused):
        decoding.decode(path)
