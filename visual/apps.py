from shopops.topics import DepartmentApp


class VisualConfig(DepartmentApp):
    """Visual design (VD-1 … VD-3)."""

    name = "visual"
    topics = ()
