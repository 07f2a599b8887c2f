"""The offer to undo beside the sentence that says what was done."""

from typing import Any

UNDO = "undo-"  # + the act's number: the tag of a message


def undo_tag(act: Any) -> str:
    """Return the tag of a message that offers to undo ``act``; empty where there is nothing to undo."""
    return f"{UNDO}{act.pk}" if act is not None and act.pk else ""


def act_of(tags: str) -> int | None:
    """Return the act a message offers to undo."""
    found = next((word for word in (tags or "").split() if word.startswith(UNDO)), "")
    number = found.removeprefix(UNDO)
    return int(number) if number.isdigit() else None
