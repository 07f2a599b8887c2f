"""What a storm found, and how it is printed."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Found:
    """Kills by target and moment, and what was wrong afterwards."""

    kills: Counter[tuple[str, str]] = field(default_factory=Counter)  # effective ones: (target, moment)
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)  # nothing was in work: not counted as kills
    between: list[str] = field(default_factory=list)  # content neither that of before nor of after
    lost: list[str] = field(default_factory=list)  # not done in time, or never
    doubled: list[str] = field(default_factory=list)
    checks: dict[str, str] = field(default_factory=dict)  # other promises shown, in words
    controls: dict[str, str] = field(default_factory=dict)  # guard taken away → what was found; must begin with "red"
    seconds: float = 0.0

    @property
    def effective(self) -> int:
        return sum(self.kills.values())

    @property
    def faults(self) -> str:
        """Return the faults so far, for the line of a kill."""
        return "".join(f" ! {fault}" for fault in self.between + self.lost + self.doubled)

    @property
    def clean(self) -> bool:
        faults = self.between or self.lost or self.doubled
        return not faults and all(text.startswith("red") for text in self.controls.values())

    def as_json(self) -> dict[str, object]:
        """Return everything as plain values."""
        by_target: dict[str, dict[str, int]] = {}
        for (target, moment), number in sorted(self.kills.items()):
            by_target.setdefault(target, {})[moment] = number
        return {
            "effective": self.effective,
            "kills": by_target,
            "not_effective": {" / ".join(key): number for key, number in self.missed.items()},
            "halves": self.between,
            "lost": self.lost,
            "doubled": self.doubled,
            "checks": self.checks,
            "controls": self.controls,
            "seconds": round(self.seconds),
        }


def table(title: str, found: dict, moments: tuple[str, ...]) -> str:
    """Return one storm's table."""
    kills = found["kills"]
    lines = [f"{title}: {found['effective']} effective kills in {found['seconds']} s"]
    lines.append(f"  {'target':<22}" + "".join(f"{moment:>11}" for moment in moments) + f"{'all':>8}")
    for target, row in kills.items():
        cells = "".join(f"{row.get(moment, 0) or '·':>11}" for moment in moments)
        lines.append(f"  {target:<22}{cells}{sum(row.values()):>8}")
    sums = [sum(row.get(moment, 0) for row in kills.values()) for moment in moments]
    lines.append(f"  {'all':<22}" + "".join(f"{number:>11}" for number in sums) + f"{sum(sums):>8}")
    words = ", ".join(f"{name} {len(found[name])}" for name in ("halves", "lost", "doubled"))
    lines.append(f"  {words}; strikes that met no work (not counted): {sum(found['not_effective'].values())}")
    lines += [f"  ! {fault}" for name in ("halves", "lost", "doubled") for fault in found[name]]
    lines += [f"  {name}: {text}" for name, text in found["checks"].items()]
    lines += [f"  control without {name}: {text}" for name, text in found["controls"].items()]
    return "\n".join(lines)


def verdict(found: list[str], words: str) -> str:
    """Say of a control whether the storm found the harm."""
    return f"red ({words}: {len(found)})" if found else f"GREEN ({words}: 0): the storm proves nothing about it"
