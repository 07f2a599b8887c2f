"""``python -m bench.inside MODULE:FUNCTION ARGUMENTS``: work inside the program, in a process of its own."""

import importlib
import json
import os
import sys

import django


def main() -> None:
    """Set the program up, call the function, print what it returns as the last line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopops.settings")
    django.setup()
    module, function = sys.argv[1].split(":")
    found = getattr(importlib.import_module(module), function)(**json.loads(sys.argv[2]))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
