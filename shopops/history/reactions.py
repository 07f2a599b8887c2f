"""Loads the guards, so that each migration renews the rights."""

from shopops.history import guards  # noqa: F401 - importing it is what it is for
