"""Start-up check: every URL says who may call it."""

from collections.abc import Iterator

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from shopops.access.declare import PUBLIC, STAFF, declared, permissions
from shopops.access.outside import OUTSIDE


def patterns(
    resolver: URLResolver | None = None, prefix: str = "", path: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Yield (full name, path, pattern) of every URL of the site."""
    for entry in (resolver or get_resolver()).url_patterns:
        where = path + str(entry.pattern)
        if isinstance(entry, URLResolver):
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from patterns(entry, space, where)
        else:
            yield f"{prefix}{entry.name or ''}", where, entry


@register()
def every_url_declares_its_access(app_configs: object = None, **_kwargs: object) -> list[CheckMessage]:
    known = {PUBLIC, STAFF, *permissions()}
    found: list[CheckMessage] = []
    for name, path, pattern in patterns():
        wanted = declared(pattern.callback)
        permission = wanted.permission if wanted else OUTSIDE.get(name)
        if permission is None:
            found.append(
                Error(f"The view of /{path} ({name or 'no name'}) does not say who may call it.", id="shopops.E001")
            )
        elif permission not in known:
            found.append(Error(f"/{path} asks for the unknown permission {permission!r}.", id="shopops.E002"))
    return found
