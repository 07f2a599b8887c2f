"""What a file may not be: the refusal that names row and column, the limits, and remarks that refuse nothing."""

from dataclasses import dataclass

from shopops.errors import Refused

EXCERPT = 64  # characters of a value that a message may show


class FileRefused(Refused):
    """The whole file is not read; says where, as the user sees it in the file."""

    def __init__(
        self, code: str, message: str, *, row: int | None = None, column: str | None = None, excerpt: str | None = None
    ) -> None:
        super().__init__(str(message))
        self.message = message  # a sentence can be said again in another language
        self.code = code
        self.row = row
        self.column = column
        self.excerpt = excerpt[:EXCERPT] if excerpt else excerpt


@dataclass(frozen=True)
class Limits:
    """How large a file may be: data rows, bytes as it lies there, bytes unpacked."""

    rows: int = 1_000_000
    size: int = 2**30
    unpacked: int = 600 * 2**20


@dataclass(frozen=True)
class Notice:
    """Something the user should know although nothing was refused."""

    code: str
    message: str
