from shopops.topics import DepartmentApp


class CustomersConfig(DepartmentApp):
    """Customer service and members (CS-0 … CS-4)."""

    name = "customers"
    topics = ("identity", "value", "consent", "loyalty", "messages", "campaigns", "dispatch", "occasions")
