"""Reads docker-compose.yml and the Dockerfile as Compose and the image builder read them."""

import json
import re
from dataclasses import dataclass

import yaml

from shopops.ops.places import ROOT

VARIABLE = re.compile(r"\$\$|\$\{(?P<name>[A-Z_]+)(?::(?P<how>[-?])(?P<other>(?:[^{}]|\$\{[^{}]*\})*))?\}")


class NotSetError(Exception):
    """Compose would refuse to start."""


def interpolate(text, variables):
    """Put in ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?message}``; ``$$`` is a dollar."""

    def value(found):
        if found[0] == "$$":
            return "$"
        given = variables.get(found["name"])
        if given or found["how"] is None:
            return given or ""
        if found["how"] == "?":
            raise NotSetError(found["name"])
        return interpolate(found["other"], variables)

    return VARIABLE.sub(value, text)


def _walk(node, variables):
    if isinstance(node, dict):
        return {key: _walk(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [_walk(value, variables) for value in node]
    return interpolate(node, variables) if isinstance(node, str) else node


def compose(variables):
    """Return the file with every variable put in."""
    return _walk(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")), variables)


def variables_named():
    """Return each variable the file names, and those without which it does not start."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    body = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    named = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", body))
    return named, set(re.findall(r"(?<!\$)\$\{([A-Z_]+):\?", body))


@dataclass(frozen=True)
class Image:
    """What the Dockerfile leaves in the final image."""

    environment: dict[str, str]
    command: list[str]
    steps: list[str]


def image():
    """Read the last stage of the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    last = text[text.rindex("\nFROM ") :]
    steps = [re.sub(" +", " ", line.strip()) for line in last.splitlines() if line and not line.startswith("#")]
    pairs = [pair.split("=", 1) for step in steps if step.startswith("ENV ") for pair in step[4:].split()]
    return Image(dict(pairs), json.loads(next(step for step in steps if step.startswith("CMD "))[4:]), steps)
