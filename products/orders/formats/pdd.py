"""Pinduoduo orders: one row an order of one item. Columns of identity cards are never read."""

import re
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from products.orders.formats.amounts import NOTHING, price_of
from products.orders.formats.declare import Values, field
from products.orders.formats.reader import TableFormat, refuse
from shopops.words import sentence as _t

STATES: Final = {
    "待付款": "unpaid",
    "待支付": "unpaid",
    "待发货": "paid",
    "已发货，待签收": "shipped",
    "已签收": "shipped",
    "已收货": "finished",
    "未发货，退款成功": "closed_refunded",
    "已发货，退款成功": "closed_refunded",
    "已取消": "closed_unpaid",
}
_NUMBER: Final = re.compile(r"(\d{2})(\d{2})(\d{2})-\d+")


class Orders(TableFormat):
    code, title, platform = "pdd_orders", _("Pinduoduo orders"), "pdd"
    fields = (
        field("order_number", "订单号", required=True, filled=True),
        field("title", "商品", "商品名称", required=True),
        field("platform_state", "订单状态", required=True),
        field("amount", "商品总价(元)", required=True, filled=True),
        field("postage", "邮费(元)"),
        field("discount_store", "店铺优惠折扣(元)"),
        field("discount_platform", "平台优惠折扣(元)"),
        field("_pay_discount", "多多支付立减金额(元)", kind="amount"),
        field("_paid", "用户实付金额(元)", kind="amount", required=True, filled=True),
        field("received", "商家实收金额(元)"),
        field("quantity", "商品数量(件)", required=True, filled=True),
        field("_deal_at", "订单成交时间", kind="moment"),
        field("_paid_at", "支付时间", kind="moment"),
        field("_group_at", "拼单成功时间", kind="moment"),
        field("shipped_at", "发货时间"),
        field("finished_at", "确认收货时间"),
        field("due_at", "承诺发货时间"),
        field("platform_item", "商品id"),
        field("platform_sku", "样式ID"),
        field("attributes", "商品规格"),
        field("code", "商家编码-规格维度", "商家编码-SKU维度"),
        field("item_code", "商家编码-商品维度"),
        field("receiver_name", "收货人"),
        field("phone", "手机"),
        field("province", "省"),
        field("city", "市"),
        field("district", "区"),
        field("message", "买家留言"),
        field("memo", "商家备注"),
        field("line_refund_state", "售后状态"),
        field("waybill", "快递单号"),
        field("courier", "快递公司"),
        field("shop_name", "店铺名称"),
    )
    makes = frozenset(
        {"rec", "state", "line_key", "line_state", "created_at", "paid_at", "payable", "paid", "unit_price", "refunded_all",
         "stated_refund", "discount_platform", "notes"}
    )  # fmt: skip
    unused = (
        "上门安装费(元),送货入户费(元),送货入户并安装费(元),平台技术服务费(元),身份证姓名,身份证号码,是否异常,是否审核中,街道,"
        "订单确认时间,用户购买手机号,海淘清关订单号,支付ID,支付方式,是否抽奖或0元试用,是否顺丰加价,商品一级类目,商品二级类目,"
        "商品三级类目,商品四级类目,赠品ID,赠品名称,赠品规格,赠品数量"
    )
    total_of = ("amount", "received")

    def finish(self, values: Values) -> None:
        values["rec"] = "line"
        values["line_key"] = values["order_number"]
        word = (values["platform_state"] or "").replace(",", "，")
        state = values["state"] = STATES.get(word, "unknown")
        values["line_state"] = values["platform_state"]
        self._set_times(values, paid=state not in {"unpaid", "closed_unpaid"})
        self._set_money(values)
        refunded = "退款成功" in word or "退款成功" in (values.get("line_refund_state") or "")
        values["refunded_all"] = refunded
        values["stated_refund"] = None if refunded else NOTHING

    def _set_times(self, values: Values, *, paid: bool) -> None:
        """Without a time the order number's first six digits are the day."""
        known = [values.get(name) for name in ("_deal_at", "_paid_at", "_group_at")]
        moment = next((value for value in known if value is not None), None)
        if moment is None:
            moment = self._day_of(values)
            values["notes"] = ["created_from_number"]
        values["created_at"] = moment
        values["paid_at"] = (values.get("_paid_at") or moment) if paid else None

    def _day_of(self, values: Values) -> datetime:
        match = _NUMBER.fullmatch(values["order_number"])
        try:
            naive = datetime(2000 + int(match[1]), int(match[2]), int(match[3])) if match else None  # noqa: DTZ001 - the caller puts the zone
        except ValueError:
            naive = None
        if naive is None:
            raise refuse(
                "order_number", "no_day", _t("The order has no time and its number does not begin with a day.")
            )
        return naive.replace(tzinfo=values["_zone"])

    def _set_money(self, values: Values) -> None:
        goods = values["amount"]
        values["payable"] = max(
            NOTHING,
            goods
            + (values.get("postage") or 0)
            - (values.get("discount_store") or 0)
            - (values.get("discount_platform") or 0),
        )
        if values.get("_pay_discount") is not None:
            values["discount_platform"] = (values["discount_platform"] or NOTHING) + values["_pay_discount"]
        values["paid"] = values["_paid"] if values["paid_at"] is not None else NOTHING
        values["unit_price"] = price_of(goods, values["quantity"])


FORMATS: Final = (Orders(),)
