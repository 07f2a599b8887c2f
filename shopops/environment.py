"""Reads the environment's variables, typed, and names the one that is missing or wrong. Without Django's settings."""

import base64
import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

YES_WORDS: Final = frozenset({"true", "on", "ok", "yes", "y", "1"})
NO_WORDS: Final = frozenset({"false", "off", "no", "n", "0"})
MAIL_SCHEMES: Final = ("smtp", "smtps", "smtp+tls", "smtp+ssl")


class Environment:
    """The variables of this process. A value stands for itself; in a file the line end that editors add is left out."""

    def given(self, var: str) -> str | None:
        """Return a variable's text, or what the file named by ``NAME_FILE`` holds; None where neither is set."""
        path = os.environ.get(f"{var}_FILE")
        if not path:
            return os.environ.get(var)
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise ImproperlyConfigured(f"{var}: its file cannot be read: {error}") from error
        except UnicodeDecodeError as error:
            raise ImproperlyConfigured(f"{var}: its file is not text in UTF-8.") from error

    def needed(self, var: str) -> str:
        """Read a text that must be there."""
        text = self.given(var)
        if not text:
            raise ImproperlyConfigured(f"{var} (or {var}_FILE) is not set: docs/settings.md says what it is.")
        return text

    def text(self, var: str, default: str) -> str:
        """Read a text; an empty one counts as not given: so compose files pass what nobody set."""
        return (self.given(var) or "").strip() or default

    def names(self, var: str, default: list[str]) -> list[str]:
        """Read a list with commas, without blanks and empty parts; an empty one counts as not given."""
        return [part for part in (raw.strip() for raw in (self.given(var) or "").split(",")) if part] or default

    def networks(self, var: str) -> list[IPv4Network | IPv6Network]:
        """Read addresses and networks with commas; one that holds every address is refused, for it names nobody."""
        try:
            found = [ip_network(name) for name in self.names(var, [])]
        except ValueError as error:
            raise ImproperlyConfigured(f"{var}: expected addresses or networks, as 10.0.0.0/8: {error}.") from error
        if any(network.prefixlen == 0 for network in found):
            raise ImproperlyConfigured(f"{var}: a network of all addresses would believe everybody.")
        return found

    def bool(self, var: str, default: bool) -> bool:
        """Read yes or no; a word that is neither is refused, not taken for no."""
        word = self.text(var, "yes" if default else "no").lower()
        if word not in YES_WORDS | NO_WORDS:
            raise ImproperlyConfigured(f"{var}: neither yes nor no: {word!r}.")
        return word in YES_WORDS

    def number(self, var: str, default: int, *, least: int = 0) -> int:
        """Read a whole number of ``least`` or more; an empty one counts as not given."""
        raw = self.text(var, str(default))
        try:
            value = int(raw)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var}: no whole number: {raw!r}.") from error
        if value < least:
            raise ImproperlyConfigured(f"{var}: must be {least} or more, is {value}.")
        return value

    def one_of(self, var: str, default: str, allowed: tuple[str, ...]) -> str:
        """Read one of several words."""
        word = self.text(var, default)
        if word not in allowed:
            raise ImproperlyConfigured(f"{var}: {word!r} is none of {', '.join(allowed)}.")
        return word

    def key(self, var: str) -> bytes:
        """Read 32 bytes in base64."""
        return _key(var, self.needed(var))

    def keys(self, var: str) -> list[bytes]:
        """Read several keys, comma-separated; none by default."""
        return [_key(var, text) for text in self.names(var, [])]

    def secret(self, var: str) -> str:
        """Read at least 32 characters."""
        text = self.needed(var)
        if len(text) < 32:
            raise ImproperlyConfigured(f"{var}: needs at least 32 characters.")
        return text

    def zone(self, var: str, default: str) -> str:
        """Read the name of a time zone."""
        name = self.text(var, default)
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ImproperlyConfigured(f"{var}: unknown zone {name!r}.") from error
        return name

    def folder(self, var: str, default: Path) -> Path:
        """Read the absolute path of a folder; whether it can be written is seen where it is used."""
        path = Path(self.text(var, str(default)))
        if not path.is_absolute():
            raise ImproperlyConfigured(f"{var}: expected an absolute path, not {str(path)!r}.")
        if path.exists() and not path.is_dir():
            raise ImproperlyConfigured(f"{var}: {path} is no folder.")
        return path

    def address(self, var: str, text: str, schemes: tuple[str, ...], expected: str) -> SplitResult:
        """Take an address apart; the message never repeats it, for it may hold a password."""
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError as error:
            raise ImproperlyConfigured(f"{var}: expected {expected}.") from error
        if parts.scheme not in schemes:
            raise ImproperlyConfigured(f"{var}: expected {expected}.")
        return parts

    def database(self, var: str) -> dict[str, object]:
        """Read ``postgres://user:password@host:port/name``; a socket folder goes into ``?host=/folder``."""
        expected = "postgres://user:password@host:port/name (special characters as %40)"
        parts = self.address(var, self.needed(var), ("postgres", "postgresql"), expected)
        if not re.fullmatch("/[^/@:]+", parts.path):  # an unquoted password leaves its rest here
            raise ImproperlyConfigured(f"{var}: expected {expected}.")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parse_qs(parts.query).get("host", [unquote(parts.hostname or "")])[0],
            "PORT": str(parts.port or ""),
        }

    def broker(self, var: str) -> str:
        """Read the address of a server of the Redis protocol."""
        text = self.needed(var)
        expected = "redis://:password@host:port/0 or redis+socket:///path?virtual_host=0"
        parts = self.address(var, text, ("redis", "rediss", "redis+socket"), expected)
        if not (parts.path if parts.scheme == "redis+socket" else parts.hostname):
            raise ImproperlyConfigured(f"{var}: expected {expected}.")
        return text

    def mail_server(self, var: str) -> dict[str, object]:
        """Read ``smtp+tls://user:password@host:port`` as Django's settings; empty where none is named."""
        text = self.text(var, "")
        if not text:
            return {}
        expected = "smtp+tls://user:password@host:port (or smtp, smtp+ssl)"
        if not self.address(var, text, MAIL_SCHEMES, expected).hostname:
            raise ImproperlyConfigured(f"{var}: expected {expected}.")
        return dict(environ.Env.email_url_config(text))


def _key(var: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ImproperlyConfigured(f"{var}: not base64.") from error
    if len(key) != 32:
        raise ImproperlyConfigured(f"{var}: needs 32 bytes in base64, has {len(key)}.")
    return key
