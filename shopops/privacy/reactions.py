"""Loads what follows each migration: the function by which the history forgets."""

from shopops.privacy import forgetting  # noqa: F401 - listens by being imported
