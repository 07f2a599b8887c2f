"""The one way a rule says no."""


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A rule said no; ``str()`` is a translated sentence for the person who asked."""
