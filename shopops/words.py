"""Words shown to people: plain, translated only when they are shown, or written down in every language."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, override

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # of the stubs only

    Words: TypeAlias = str | _StrPromise
else:
    Words = str | Promise


class Sentence(str):
    """A translated text that remembers what it was made of, to be said again in another reader's language."""

    msgid: str
    parts: Mapping[str, object] | None

    def __mod__(self, parts: object) -> "Sentence":
        if not isinstance(parts, Mapping):
            raise TypeError("the parts of a sentence have names")
        return _made(self.msgid, parts)

    def again(self) -> "Sentence":
        """Return the same in the language that is spoken now."""
        return _made(self.msgid, self.parts)


def _made(msgid: str, parts: Mapping[str, object] | None = None) -> Sentence:
    text = gettext(msgid)
    if parts is not None:
        text %= {name: part.again() if isinstance(part, Sentence) else part for name, part in parts.items()}
    made = Sentence(text)
    made.msgid, made.parts = msgid, parts
    return made


def sentence(msgid: str) -> Sentence:
    """Translate as gettext does; what is made of it by ``%`` can still be said in every language.

    For what a worker writes down and people read later, each in their own language.
    """
    return _made(msgid)


def in_each_language(text: object) -> dict[str, str]:
    """Return a sentence in each of our languages, by its code; nothing for a text that is none."""
    if not isinstance(text, Sentence):
        return {}
    return _plain(text.msgid) if text.parts is None else _each(text)


@lru_cache(maxsize=256)
def _plain(msgid: str) -> dict[str, str]:
    return _each(_made(msgid))


def _each(text: Sentence) -> dict[str, str]:
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = str(text.again())
    return found


def written(text: object) -> dict[str, object]:
    """Return what is kept of a message as JSON: in the language of now, and in each of ours."""
    return {"message": str(text), "said": in_each_language(text)}


def read(message: str, said: Mapping[str, str] | None) -> str:
    """Return a kept message in the language that is spoken now, else as it was written."""
    return (said or {}).get(get_language() or "", message)


def as_read(kept: Mapping[str, object]) -> dict[str, object]:
    """Return kept JSON with its message in the language that is spoken now."""
    said = kept.get("said")
    message = read(str(kept.get("message", "")), said if isinstance(said, Mapping) else None)
    return {name: value for name, value in kept.items() if name != "said"} | {"message": message}


def listed(words: Iterable[object]) -> str:
    """a, b, c; in Chinese a、b、c."""
    return ("、" if chinese() else ", ").join(map(str, words))


def listed_apart(words: Iterable[object]) -> str:
    """Like :func:`listed`, for what may itself hold commas: a; b; in Chinese a；b."""
    return ("；" if chinese() else "; ").join(map(str, words))


def chinese() -> bool:
    """Say whether the page speaks Chinese."""
    return (get_language() or "").startswith("zh")
