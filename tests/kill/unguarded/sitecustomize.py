"""On the path of a store's processes this takes the guard named by STORM_WITHOUT away: the storm's controls."""

import importlib.util
import os
import sys
from importlib.abc import MetaPathFinder


class _Remover(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name not in ("shopops.jobs.services", "products.orders.imports", "analytics.reports.services"):
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        run = spec.loader.exec_module

        def loaded(module):
            run(module)
            from tests.kill.storm import guards

            guards.remove(os.environ["STORM_WITHOUT"], module)

        spec.loader.exec_module = loaded
        return spec


if os.environ.get("STORM_WITHOUT"):
    sys.meta_path.insert(0, _Remover())
