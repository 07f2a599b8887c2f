"""The one way a rule says no."""


class Refused(Exception):
    """A rule said no; ``str()`` is a translated sentence for the person who asked."""
