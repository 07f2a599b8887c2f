from shopops.topics import DepartmentApp


class AnalyticsConfig(DepartmentApp):
    """Data analysis (DA-1)."""

    name = "analytics"
    topics = ("quality", "reports", "demo")
