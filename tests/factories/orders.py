"""Channels, goods, buyers, orders and refunds for tests, as an import would leave them.

Plain functions; each returns the saved row and takes any field by name. Money is text or Decimal:

    shop = make_channel()                                  # CNY, Asia/Shanghai
    order = make_order(shop, paid="129.90", created="2026-03-24 14:30")
    order = make_order(shop, lines=[("A1", 2, "50"), ("B2", 1, "29.90")], discount_store="9.90")
    make_refund(order, "29.90", done="2026-03-27 10:00")   # sets order.refunded too
    make_order(shop, customer=make_customer("小鹿"))

Times without zone are the store's. What follows from the lines (goods_paid, pieces, titles, due_at,
a line's paid) is derived as an import derives it. Nothing marks days dirty: refresh what you test.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from customers.identity.models import Customer, Identity
from products.catalogue.models import ChannelItem, Product, Sku
from products.channels.models import Channel
from products.orders.models import Order, OrderContact, OrderLine
from products.orders.states import State
from products.refunds.models import Refund, RefundLine
from products.shipments.models import Shipment
from shopops import clock
from shopops.history.actor import SYSTEM, acting
from shopops.money import split

_numbers = count(1)
NOON = "2026-03-24 12:00"


def moment(text: str | datetime | None) -> datetime | None:
    """Return "2026-03-24 14:30" of the store's wall clock as an aware instant."""
    if text is None:
        return None
    when = datetime.fromisoformat(text) if isinstance(text, str) else text
    return when if when.tzinfo else when.replace(tzinfo=clock.store_zone())


def make_channel(code: str = "", **fields: object) -> Channel:
    """Make a channel; a number makes its code unique."""
    code = code or f"shop-{next(_numbers)}"
    with acting(SYSTEM):
        return Channel.objects.create(code=code, **{"title": code.title(), "currency": "CNY", **fields})


def make_sku(code: str = "", *, category: str = "衬衫", **fields: object) -> Sku:
    """Make a SKU and its product."""
    code = code or f"SKU-{next(_numbers)}"
    with acting(SYSTEM):
        product = Product.objects.create(code=f"P-{code}", title=f"Product {code}", category=category)
        return Sku.objects.create(product=product, code=code, **{"title": f"Product {code}", **fields})


def make_item(channel: Channel, code: str = "", *, sku: Sku | None = None, **fields: object) -> ChannelItem:
    """Return the channel's item of this code, made where it is new; unmapped unless ``sku`` is given."""
    code = code or f"ITEM-{next(_numbers)}"
    known = ChannelItem.objects.filter(channel=channel, code=code).first()
    if known is not None:
        return known
    with acting(SYSTEM):
        return ChannelItem.objects.create(channel=channel, code=code, sku=sku, **{"title": f"Item {code}", **fields})


def make_customer(name: str = "", *, scope: str = "taobao", **fields: object) -> Customer:
    """Make a buyer known by ``name`` on one platform."""
    name = name or f"buyer-{next(_numbers)}"
    with acting(SYSTEM):
        customer = Customer.objects.create(name=name, **fields)
        Identity.objects.create(customer=customer, scope=scope, key=f"id:{name}", label=name)
    return customer


def make_order(
    channel: Channel | None = None,
    *,
    paid: str | Decimal | None = None,
    created: str | datetime = NOON,
    paid_at: str | datetime | None = "",
    lines: list[tuple] | None = None,
    customer: Customer | None = None,
    postage: str | Decimal = 0,
    discount_store: str | Decimal = 0,
    phone_mask: str = "",
    waybill: str = "",
    **fields: object,
) -> Order:
    """Make an order with its lines: (code, quantity, unit price[, line kind]).

    Without lines it has one piece of ITEM worth ``paid`` (99.00 by default). Paid at once unless
    ``paid_at`` is None (then never paid) or another time.
    """
    channel = channel or make_channel()
    begun = moment(created)
    paid_when = begun if paid_at == "" else moment(paid_at)
    postage, discount = Decimal(postage), Decimal(discount_store)
    lines = lines or [("ITEM", 1, Decimal(paid if paid is not None else "99.00") + discount - postage)]
    rows = [_line(channel, position, *line) for position, line in enumerate(lines, 1)]
    counted = [row for row in rows if row.kind in ("goods", "charge")]
    payable = sum((row.amount for row in counted), Decimal(0)) - discount + postage
    total = Decimal(paid) if paid is not None else payable
    money = total if paid_when else Decimal(0)
    charged = any(row.kind == "charge" for row in rows)
    if counted:
        shares = split(money - (0 if charged else min(postage, money)), [row.amount for row in counted])
        for row, share in zip(counted, shares, strict=True):
            row.paid = share
    values = {
        "number": f"T{next(_numbers):08d}",
        "state": State.PAID if paid_when else State.UNPAID,
        "created_at": begun,
        "paid_at": paid_when,
        "due_at": paid_when + timedelta(hours=channel.ship_hours) if paid_when else None,
        "payable": payable,
        "paid": money,
        "postage": postage,
        "discount_store": discount,
        "discount_platform": Decimal(0),
        "goods_paid": sum((row.paid for row in counted if row.kind == "goods"), Decimal(0)),
        "pieces": sum(row.quantity for row in counted),
        "line_count": len(rows),
        "titles": "，".join(row.item.title for row in rows[:6]),
        "customer": customer,
        "buyer": customer.name if customer else "",
        "buyer_key": f"id:{customer.name}" if customer else "",
    }
    times = {name: moment(fields.pop(name)) for name in ("shipped_at", "finished_at", "closed_at") if name in fields}
    with acting(SYSTEM):
        order = Order.objects.create(channel=channel, **{**values, **times, **fields})
        for row in rows:
            row.order = order
        OrderLine.objects.bulk_create(rows)
        if phone_mask:
            OrderContact.objects.create(order=order, phone_mask=phone_mask, phone_tail=phone_mask[-4:])
        if waybill:
            Shipment.objects.create(order=order, waybill=waybill, courier="中通快递", shipped_at=order.shipped_at)
    return order


def _line(
    channel: Channel, position: int, code: str, quantity: int, price: str | Decimal, kind: str = "goods"
) -> OrderLine:
    price = Decimal(price)
    return OrderLine(
        key=f"#{position}",
        position=position,
        kind=kind,
        item=make_item(channel, code),
        quantity=quantity,
        unit_price=price,
        amount=price * quantity,
    )


def make_refund(
    order: Order,
    amount: str | Decimal | None = None,
    *,
    state: str = "success",
    asked: str | datetime | None = None,
    done: str | datetime | None = None,
    line: OrderLine | None = None,
    **fields: object,
) -> Refund:
    """Make a refund of an order (of all that was paid, by default), split over its lines by what was paid.

    A successful one without ``done`` is done a day after payment; the order's ``refunded`` follows.
    """
    value = Decimal(amount) if amount is not None else order.paid
    asked_at = moment(asked) or order.paid_at or order.created_at
    success = state == "success"
    done_at = moment(done) or (asked_at + timedelta(days=1) if success else None)
    values = {
        "number": f"R{next(_numbers):08d}",
        "order_number": order.number,
        "buyer_key": order.buyer_key,
        "requested_at": asked_at,
        "done_at": done_at,
        "counted_at": done_at if success else None,
        "due_at": asked_at + timedelta(hours=48) if state == "open" else None,
    }
    with acting(SYSTEM):
        refund = Refund.objects.create(
            channel=order.channel, order=order, line=line, amount=value, state=state, **{**values, **fields}
        )
        if success:
            _split_refund(refund, [line] if line else list(order.lines.filter(paid__gt=0).order_by("position")))
            order.refunded += value
            order.save(update_fields=["refunded", "updated_at"])
    return refund


def _split_refund(refund: Refund, lines: list[OrderLine]) -> None:
    parts = split(refund.amount, [line.paid for line in lines])
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            position=position,
            item_id=line.item_id,
            kind=line.kind,
            quantity=line.quantity if part >= line.paid else 0,
            amount=part,
            is_split=True,
        )
        for position, (line, part) in enumerate(zip(lines, parts, strict=True), 1)
    )
