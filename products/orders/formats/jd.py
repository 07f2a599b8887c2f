"""JD orders: one row an item, the order's money repeated on each of its rows."""

import re
from typing import Final

from django.utils.translation import gettext_lazy as _

from products.orders.formats.addresses import of_text
from products.orders.formats.amounts import NOTHING, amount_of
from products.orders.formats.declare import Values, field
from products.orders.formats.reader import TableFormat

STATES: Final = {
    "新订单": "unpaid",
    "等待付款确认": "unpaid",
    "等待付款": "unpaid",
    "等待出库": "paid",
    "等待确认收货": "shipped",
    "完成": "finished",
    "暂停": "held",
}
_PREFIX: Final = re.compile(r"[(（](删除|锁定|暂停)[)）]\s*")


def state_of(word: str | None, *, paid: bool) -> str | None:
    """Read a state and what may stand before it: deleted, locked, on hold."""
    if word is None:
        return None
    match = _PREFIX.match(word)
    state = STATES.get(word[match.end() :] if match else word, "unknown")
    if match is None:
        return state
    if match[1] == "删除":
        return "closed_refunded" if paid else "closed_unpaid"
    return "held" if state in {"paid", "unknown"} and paid else state


class Orders(TableFormat):
    code, title, platform = "jd_orders", _("JD orders"), "jd"
    fields = (
        field("order_number", "订单号", "订单编号", required=True, filled=True),
        field("platform_sku", "商品ID", "商品编号", required=True, filled=True),
        field("title", "商品名称", required=True),
        field("quantity", "订购数量", required=True, filled=True),
        field("created_at", "下单时间", required=True, filled=True),
        field("unit_price", "京东价", required=True),
        field("payable", "订单金额", required=True),
        field("_settled", "结算金额", kind="amount"),
        field("_due", "应付金额", kind="amount"),
        field("platform_state", "订单状态", required=True),
        field("buyer_id", "下单帐号", "下单账号"),
        field("receiver_name", "客户姓名"),
        field("_address", "客户地址", kind="text"),
        field("phone", "联系电话"),
        field("message", "订单备注"),
        field("memo", "商家备注"),
        field("flag", "商家备注等级（等级1-5为由高到低）", "商家备注等级"),
        field("postage", "运费金额"),
        field("paid_at", "付款确认时间", required=True),
        field("item_code", "货号"),
        field("finished_at", "订单完成时间"),
        field("code", "商家SKUID"),
    )
    makes = frozenset(
        {"rec", "state", "line_key", "line_state", "amount", "paid", "province", "city", "district", "address"}
    )
    unused = (
        "支付方式,余额支付,订单类型,发票类型,发票抬头,发票内容,增值税发票,订单来源,订单渠道,送装服务,服务费,仓库id,仓库名称,"
        "普通发票纳税编号,是否为品牌商订单,是否为toplife订单"
    )

    def finish(self, values: Values) -> None:
        values["rec"] = "line"
        paid = values.get("paid_at") is not None
        values["state"] = state_of(values["platform_state"], paid=paid)
        values["line_state"] = values["platform_state"]
        values["line_key"] = f"{values['order_number']}-{values['platform_sku']}"[:64]
        values["amount"] = amount_of(values)
        settled = values.get("_settled")
        values["paid"] = (values.get("_due") if settled is None else settled) if paid else NOTHING
        values["address"] = values.get("_address")
        values["province"], values["city"], values["district"] = of_text(values["address"])


FORMATS: Final = (Orders(),)
