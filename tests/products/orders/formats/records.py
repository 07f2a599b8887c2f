"""Reads a file as an import reads it, without a database: records as dicts of what they give, and refused rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from products.orders.formats import base
from shopops.access.personal import protect_email, protect_phone, protect_text
from shopops.exchange.reading import Limits, open_source

SAMPLES = Path(__file__).resolve().parents[3] / "data" / "formats"


@dataclass
class Reject:
    row: int
    column: str
    value: str
    code: str
    message: str


@dataclass
class Read:
    """What came out of a file."""

    format: str
    records: list[dict[str, Any]]
    rejects: list[Reject]
    notices: dict[str, str]
    reader: Any
    source: Any

    def sum(self, name: str) -> Any:
        return sum(record[name] for record in self.records if name in record)

    def of(self, number: str, name: str, *, key: str = "order_number") -> list[Any]:
        return [record.get(name) for record in self.records if record.get(key, "").endswith(number)]


def read(
    path: Path, *, fmt: Any = None, zone: str = "Asia/Shanghai", limits: Limits | None = None, sheet: str = ""
) -> Read:
    """Read ``path``. Raises FileRefused."""
    rejects: list[Reject] = []
    with open_source(path, limits=limits, sheet=sheet) as source:
        fmt = fmt or base.detect(source)[0][0]
        reader = fmt.reader(
            source,
            zone=ZoneInfo(zone),
            protect_phone=protect_phone,
            protect_email=protect_email,
            protect_text=protect_text,
            reject=lambda *fault: rejects.append(Reject(*fault[:5])),
        )
        records = [
            {name: value for name, value in zip(reader.names, record, strict=True) if value is not None}
            for record in reader
        ]
    notices = {item.code: item.message for item in (*source.notices, *reader.notices)}
    return Read(fmt.code, records, rejects, notices, reader, source)


def sample(name: str, **options: Any) -> Read:
    """Read one of the samples under tests/data/formats."""
    return read(SAMPLES / name, **options)
