#!/usr/bin/env python
"""The command line: ``.venv/bin/python manage.py help``."""

import os
import sys


def main() -> None:
    """Run one management command on the store of this checkout, or on the one the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopops.settings")
    from shopops.ops.attach import store_for  # noqa: PLC0415 - after the environment

    with store_for(sys.argv):
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - after the environment

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
