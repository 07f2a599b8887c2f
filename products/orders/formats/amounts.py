"""Money of one row: what several formats compute alike."""

from decimal import Decimal
from typing import Any, Final

NOTHING: Final = Decimal(0)
_SMALLEST: Final = Decimal("0.0001")


def amount_of(values: dict[str, Any]) -> Decimal | None:
    """Return unit price × quantity; None where either is not given."""
    price, quantity = values.get("unit_price"), values.get("quantity")
    return None if price is None or quantity is None else price * quantity


def price_of(amount: Decimal | None, quantity: int) -> Decimal | None:
    """Return the unit price of an amount where it divides without rest (four decimals), else None."""
    if amount is None or quantity <= 0:
        return None
    price = (amount / quantity).quantize(_SMALLEST)
    return price if price * quantity == amount else None
