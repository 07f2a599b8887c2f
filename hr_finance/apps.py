from shopops.topics import DepartmentApp


class HrFinanceConfig(DepartmentApp):
    """HR & finance (HR-1 … HR-4)."""

    name = "hr_finance"
    topics = ()
