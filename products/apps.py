from shopops.topics import DepartmentApp


class ProductsConfig(DepartmentApp):
    """Product planning: catalogue, channels, orders, day roll-ups (PP-1 … PP-4)."""

    name = "products"
    topics = ("channels", "catalogue", "orders", "refunds", "shipments", "sales")
