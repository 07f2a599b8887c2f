"""Forty persons who appear nowhere else, in an order file, and the search for what is left of them."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from products.orders import imports
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch, Upload
from shopops.jobs import services as jobs

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "formats" / "taobao" / "ExportOrderList_54cols.csv"
COUNT = 40


class Person:
    """One canary: whatever of them is found after an erasure is a leak."""

    def __init__(self, number: int) -> None:
        self.number = f"88000000000000{number:04d}"
        self.nick = f"canarynick{number:03d}"
        self.name = f"卡纳{chr(0x6000 + number)}瑞"
        self.phone = f"1540077{number:04d}"
        self.address = f"金丝雀路{number:03d}号乙"
        self.message = f"请放门卫canarymsg{number:03d}"
        self.memo = f"回电canarymemo{number:03d}"

    @property
    def texts(self) -> list[str]:
        """What may be found nowhere. The masked name and number are checked by their own columns."""
        return [self.nick, self.name, self.phone, self.address, self.message, self.memo]


PEOPLE = [Person(number) for number in range(COUNT)]
ALL = [text for person in PEOPLE for text in person.texts]


def file_of(people: Iterable[Person], *, day: str = "2026-03-01", paid: str = "120.00", extra: str = "") -> bytes:
    """Return a platform's list of one order a person; other days and sums make another file."""
    head = next(csv.reader(io.StringIO(SAMPLE.read_text(encoding="gb18030"))))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for place, person in enumerate(people):
        values = {
            "订单编号": person.number,
            "买家会员名": person.nick,
            "买家应付货款": paid,
            "买家应付邮费": "0.00",
            "总金额": paid,
            "买家实际支付金额": paid,
            "订单状态": "交易成功",
            "买家留言": person.message,
            "收货人姓名": person.name,
            "收货地址": f"浙江省 杭州市 西湖区 {person.address}",
            "联系手机": f"'{person.phone}",
            "订单创建时间": f"{day} 09:{place:02d}:02",
            "订单付款时间": f"{day} 09:{place:02d}:11",
            "宝贝标题": "法式碎花连衣裙",
            "宝贝种类": "1",
            "订单备注": person.memo + extra,
            "宝贝总数量": "1",
            "确认收货时间": f"{day} 20:01:00",
            "退款金额": "0.00",
        }
        writer.writerow([values.get(title.strip(), "") for title in head])
    return out.getvalue().encode("gb18030")


def import_file(channel: Any, content: bytes, *, by: Any = None, **options: Any) -> ImportBatch:
    """Bring a file in as a worker does."""
    upload = uploads.keep(io.BytesIO(content), name="orders.csv", by=by)
    batch = imports.add_batch(upload, channel, imports.Options(**options), by=by)
    job = imports.submit(imports.RUN, [batch], by=by, wake=False)
    jobs.perform(job.pk)
    batch.refresh_from_db()
    return batch


def left_in_database(texts: Iterable[str] = ALL) -> dict[str, list[str]]:
    """Return table → what of the texts stands in it: every table of every schema, as a dump writes it."""
    wanted = [*texts]
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname !~ '^(pg_|information_schema)'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {table} t")
            content = "\n".join(text for (text,) in cursor.fetchall())
            decoded = content.lower()
            hits = [
                text
                for text in wanted
                if text in content or json.dumps(text)[1:-1] in content or text.encode().hex() in decoded
            ]
            if hits:
                found[table] = hits
    return found


def left_in_ciphers(reveal: Callable[[Any], str], texts: Iterable[str] = ALL) -> list[str]:
    """Return the texts that some encrypted column still gives to whoever has the key."""
    wanted, found = [*texts], []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c WHERE c.table_schema = 'public'"
            " AND c.data_type = 'bytea'"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE length("{column}") > 29')
            for (value,) in cursor.fetchall():
                try:
                    plain = reveal(value)
                except Exception:  # noqa: BLE001 - no cipher of ours
                    continue
                found += [f"{table}.{column}: {text}" for text in wanted if text in plain]
    return found


def left_in_files(texts: Iterable[str] = ALL) -> list[str]:
    """Return the kept uploads (opened with the key) and other files that hold one of the texts."""
    needles = [text.encode(code) for text in texts for code in ("utf-8", "gb18030")]
    found = []
    for upload in Upload.objects.exclude(path=""):
        content = b"".join(uploads.pieces(upload))
        if any(needle in content for needle in needles):
            found.append(f"upload {upload.pk}")
    for folder in (Path(settings.MEDIA_ROOT), Path(settings.VAR_DIR)):
        files = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
        found += [str(path) for path in files if any(needle in path.read_bytes() for needle in needles)]
    return found
