from django.db.models import QuerySet

from products.sales.models import SalesPlan
from shopops.access.scopes import is_limited
from shopops.accounts.models import User
from shopops.ui import formats
from shopops.ui.records import RecordKind


def _title(plan: SalesPlan) -> str:
    return f"{plan.month:%Y-%m} {formats.symbol(plan.currency)}"


def _plans(user: User) -> QuerySet[SalesPlan]:
    """Plans are the whole store's: nothing for who sees some channels only."""
    return SalesPlan.objects.none() if is_limited(user, "sales.view") else SalesPlan.objects.all()


RECORDS = [RecordKind(SalesPlan, "sales:plans", "sales.view", _plans, _title, url_kwarg="")]
