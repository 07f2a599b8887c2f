"""Words shown to people: plain, or translated only when they are shown."""

from typing import TYPE_CHECKING, TypeAlias

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    Words: TypeAlias = str | StrPromise
else:
    Words = str | Promise
