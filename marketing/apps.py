from shopops.topics import DepartmentApp


class MarketingConfig(DepartmentApp):
    """Marketing (MK-1 … MK-5)."""

    name = "marketing"
    topics = ()
