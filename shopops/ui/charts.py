"""Small pictures drawn by the server as SVG geometry: attributes only, so they pass a strict CSP."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

MARGIN: Final = 4  # pixels above and below: a line's pointed joins reach beyond its points


@dataclass(frozen=True)
class Sparkline:
    """Two lines in a box; missing values break the line."""

    width: int
    height: int
    lines: list[str]
    area: str
    compared: list[str]


def sparkline(values: Sequence[Any], compared: Sequence[Any] = (), *, width: int = 128, height: int = 28) -> Sparkline:
    """Return the geometry of a sparkline; None is a gap."""
    known = [float(value) for value in (*values, *compared) if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    scale = (height - 2 * MARGIN) / (high - low) if high > low else 0
    count = max(len(values), len(compared), 2)

    def points(series: Sequence[Any]) -> list[list[tuple[float, float]]]:
        parts: list[list[tuple[float, float]]] = [[]]
        for index, value in enumerate(series):
            if value is None:
                parts.append([])
                continue
            y = height - MARGIN - (float(value) - low) * scale
            parts[-1].append((round(index * width / (count - 1), 1), round(y, 1)))
        return [part for part in parts if part]

    def joined(part: list[tuple[float, float]]) -> str:
        # A point alone is a line of no length: its round ends show it.
        return " ".join(f"{x},{y}" for x, y in (part if len(part) > 1 else part * 2))

    own = points(values)
    area = ""
    if len(own) == 1 and len(own[0]) > 1:
        area = f"{own[0][0][0]},{height} {joined(own[0])} {own[0][-1][0]},{height}"
    return Sparkline(width, height, [joined(part) for part in own], area, [joined(part) for part in points(compared)])


@dataclass(frozen=True)
class Meter:
    """A bar from 0 to ``whole`` with what is done, what is expected, and a mark; in hundredths of its width."""

    done: float
    expected: float
    mark: float | None


def meter(done: Any, whole: Any, *, mark: Any = None, expected: Any = None) -> Meter:
    """Return a meter's geometry, each part cut to 0…100."""

    def share(value: Any) -> float:
        if value is None or not whole:
            return 0.0
        return float(
            max(Decimal(0), min(Decimal(100), Decimal(str(value)) * 100 / Decimal(str(whole)))).quantize(Decimal("0.1"))
        )

    return Meter(share(done), share(expected), None if mark is None else share(mark))


def bars(values: Sequence[Any], *, width: int = 72) -> list[float]:
    """Return the lengths of mini bars in pixels, the largest ``width`` wide; negative ones are 0."""
    known = [float(value) if value is not None else 0.0 for value in values]
    top = max([0.0, *known])
    return [round(max(0.0, value) / top * width, 1) if top else 0.0 for value in known]
