"""Words shown to people: plain, or translated only when they are shown."""

from typing import TYPE_CHECKING, TypeAlias

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # of the stubs only

    Words: TypeAlias = str | _StrPromise
else:
    Words = str | Promise
