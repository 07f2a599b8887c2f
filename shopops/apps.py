from shopops.topics import DepartmentApp


class ShopOpsConfig(DepartmentApp):
    """The platform: people, access, history, jobs, exchange, pages. Knows no department."""

    name = "shopops"
    topics = (
        "history",
        "access",
        "jobs",
        "notifications",
        "approvals",
        "accounts",
        "acts",
        "exchange",
        "metrics",
        "ui",
        "reveals",
        "collaboration",
        "audit",
        "search",
        "dashboard",
        "privacy",
        "ops",
    )
