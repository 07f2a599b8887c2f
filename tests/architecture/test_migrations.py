"""An upgrade does not make people wait: indexes of tables that grow are built while these are written."""

from django.db.migrations import AddIndex, CreateModel
from django.db.migrations.loader import MigrationLoader

GROWING = {"change", "order", "orderline", "ordercontact", "refund", "refundline", "shipment", "customer", "identity"}
FIRST = {
    "shopops": "0013",
    "products": "0015",
    "customers": "0007",
    "analytics": "0003",
}  # what came before made the tables


def test_indexes_of_growing_tables_are_built_concurrently():
    locking = set()
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app not in FIRST or name < FIRST[app]:
            continue
        made = {item.name_lower for item in migration.operations if isinstance(item, CreateModel)}
        for item in migration.operations:
            if type(item) is AddIndex and item.model_name_lower in GROWING - made:
                locking.add(f"{app} {name}: {item.index.name}")

    assert locking == set()
