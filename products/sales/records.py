from products.sales.models import SalesPlan
from shopops.ui import formats
from shopops.ui.records import RecordKind


def _title(plan: SalesPlan) -> str:
    return f"{plan.month:%Y-%m} {formats.symbol(plan.currency)}"


RECORDS = [
    RecordKind(SalesPlan, "sales:plans", "sales.view", lambda _user: SalesPlan.objects.all(), _title, url_kwarg="")
]
