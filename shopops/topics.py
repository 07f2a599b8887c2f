"""How the platform finds what the departments register, without naming one."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import AppConfig, apps


class DepartmentApp(AppConfig):
    """An app made of topic packages; ``topics`` is its table of contents, lowest floor first."""

    topics: tuple[str, ...] = ()

    def import_models(self) -> None:
        """Load the models of every topic under this app's label."""
        super().import_models()
        for topic in self.topics:
            if (found := _module(f"{self.name}.{topic}.models")) is not None:
                self.models_module = found  # Django skips apps without one (post_migrate, flush)

    def ready(self) -> None:
        """Load what must exist before the first request: checks and receivers of facts."""
        for topic in self.topics:
            for kind in ("checks", "reactions"):
                _module(f"{self.name}.{topic}.{kind}")


def _module(path: str) -> ModuleType | None:
    parent, _, _ = path.rpartition(".")
    if find_spec(parent) is None or find_spec(path) is None:
        return None
    return import_module(path)


def department_apps() -> list[DepartmentApp]:
    """Return the apps in floor order, lowest first (the order of INSTALLED_APPS)."""
    return [config for config in apps.get_app_configs() if isinstance(config, DepartmentApp)]


@cache
def topic_modules(kind: str) -> tuple[ModuleType, ...]:
    """Return ``<app>.<topic>.<kind>`` of every topic that has one, lowest floor first."""
    return tuple(
        module
        for config in department_apps()
        for topic in config.topics
        if (module := _module(f"{config.name}.{topic}.{kind}")) is not None
    )


def registered(kind: str, name: str) -> Iterator[object]:
    """Yield the entries of the list ``name`` in every topic's ``kind`` module."""
    for module in topic_modules(kind):
        yield from getattr(module, name, ())
