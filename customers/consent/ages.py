"""Who is too young to be written to without a guardian (handbook 3 §5)."""

from datetime import date
from typing import Final

GROWN: Final = 14  # years; the law asks a guardian for whoever is younger


def is_minor(born: date | None, *, on: date) -> bool:
    """Say whether somebody is under 14 ``on`` a day; nobody is of whom no date of birth is known.

    A birthday of 29 February is kept on 28 February in ordinary years, as greetings are.
    """
    if born is None:
        return False
    years = on.year - born.year - ((on.month, on.day) < _birthday(born, on.year))
    return years < GROWN


def _birthday(born: date, year: int) -> tuple[int, int]:
    try:
        day = born.replace(year=year)
    except ValueError:  # 29 February in an ordinary year
        day = date(year, 2, 28)
    return day.month, day.day
