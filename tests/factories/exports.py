from shopops.exchange import register
from shopops.exchange.register import Kind, Taking, Told


def make_export(
    by, *, title="Orders", filters=(), columns=("Order", "Buyer"), classes=("", "personal"), rows=3, **more
):
    """Somebody took a file along."""
    given = {"kind": Kind.LIST, "what": "orders:list", "format": "csv", "column_classes": classes} | more
    with register.taking(by, Taking(tell=lambda: Told(title, columns, filters), **given)) as taken:
        register.answer(taken, "orders", b"", rows=lambda: rows)
    taken.refresh_from_db()
    return taken
