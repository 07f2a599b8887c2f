"""Taobao and Tmall: order list (2013 to now), order detail, sub-orders, refunds.

"Actually paid" of the list is what is left after completed refunds: paid = it + the refunds. Older
lists have no column of refunds; there paid is known only where nothing is missing from the total.
"""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from products.orders.formats.addresses import of_parts
from products.orders.formats.amounts import NOTHING, amount_of
from products.orders.formats.cells import Numbers
from products.orders.formats.declare import Values, field
from products.orders.formats.reader import TableFormat

STATES: Final = {
    "等待买家付款": "unpaid",
    "买家已付款，等待卖家发货": "paid",
    "卖家部分发货": "partly_shipped",
    "卖家已发货，等待买家确认": "shipped",
    "交易成功": "finished",
}
CLOSED: Final = "交易关闭"
REFUND_STATES: Final = {
    "买家已经申请退款，等待卖家同意": "open",
    "卖家已经同意退款，等待买家退货": "agreed",
    "买家已经退货，等待卖家确认收货": "returned",
    "卖家拒绝退款": "refused",
    "退款关闭": "closed",
    "退款成功": "success",
}
REFUND_KINDS: Final = {
    "仅退款": "money",
    "退货退款": "return",
    "换货": "exchange",
    "补寄": "resend",
    "是": "return",
    "否": "money",
}


def state_of(values: Values) -> str | None:
    """Return our state of the file's word; a closed order was refunded if it had been paid."""
    word = values.get("platform_state")
    if word is None:
        return None
    if word == CLOSED:
        return "closed_refunded" if values.get("paid_at") else "closed_unpaid"
    return STATES.get(word.replace(",", "，"), "unknown")


class OrderList(TableFormat):
    """One row an order, without its lines."""

    code, title, platform, grain = "taobao_orders", _("Taobao order list"), "taobao", "order"
    fields = (
        field("order_number", "订单编号", "订单号", required=True, filled=True),
        field("buyer_id", "买家会员名", "买家会员名称"),
        field("payable", "总金额", required=True),
        field("postage", "买家应付邮费"),
        field("net_paid", "买家实际支付金额", "买家实付金额", required=True),
        field("platform_state", "订单状态", required=True),
        field("message", "买家留言"),
        field("receiver_name", "收货人姓名"),
        field("_address", "收货地址", kind="text"),
        field("_new_address", "修改后的收货地址", kind="text"),
        field("_phone", "联系电话", kind="phone"),
        field("phone", "联系手机"),
        field("created_at", "订单创建时间", required=True, filled=True),
        field("paid_at", "订单付款时间", required=True),
        field("titles", "宝贝标题", "商品标题"),
        field("waybill", "物流单号"),
        field("courier", "物流公司"),
        field("memo", "订单备注", "商家备忘", "商家备注"),
        field("pieces", "宝贝总数量"),
        field("shop_name", "店铺名称"),
        field("stated_refund", "退款金额"),
        field("finished_at", "确认收货时间"),
        field("shipped_at", "发货时间"),
        field("received", "打款商家金额", "确认收货打款金额"),
    )
    makes = frozenset({"rec", "state", "paid", "province", "city", "district", "address", "notes"})
    unused = (
        "买家支付宝账号,支付单号,支付详情,买家应付货款,买家支付积分,返点积分,买家实际支付积分,运送方式,宝贝种类,店铺Id,订单关闭原因,"
        "卖家服务费,买家服务费,发票抬头,是否手机订单,分阶段订单信息,特权订金订单id,是否上传合同照片,是否上传小票,是否代付,定金排名,"
        "修改后的sku,异常信息,天猫卡券抵扣,集分宝抵扣,是否是O2O交易,新零售交易类型,新零售导购门店名称,新零售导购门店id,"
        "新零售发货门店名称,新零售发货门店id,预约门店,含应开票给个人的个人红包,含应开票给个人红包,是否信用购,体验期结束时间,前N有礼,"
        "配送类型,主订单编号,直播返现状态,返现金额,延迟发货自动赔付金额,预售订单,是否主动赔付,主动赔付金额,主动赔付出账时间,"
        "商品属性SKU,C2B小额收款,总金额(旧版)"
    )

    def finish(self, values: Values) -> None:
        values["rec"] = "order"
        values["state"] = state_of(values)
        values["paid"], note = paid_of(values)
        if note:
            values["notes"] = [note]
        address = values.get("_new_address") or values.get("_address")
        values["address"] = address
        values["province"], values["city"], values["district"] = of_parts(address)
        waybill = values.get("waybill")
        if waybill:
            values["waybill"] = without_prefix(waybill)


def paid_of(values: Values) -> tuple[Decimal | None, str]:
    """Return what the buyer paid before refunds, and a note where the file does not tell."""
    if values.get("paid_at") is None:
        return NOTHING, ""
    net, refunded = values.get("net_paid"), values.get("stated_refund")
    if net is None:
        return None, "paid_unknown"
    if refunded is not None:
        return net + refunded, ""
    return (net, "") if net == values.get("payable") else (None, "paid_unknown")


def without_prefix(waybill: str) -> str:
    """``No:YT123`` → ``YT123``."""
    return waybill[3:].lstrip() if waybill[:3].casefold() == "no:" else waybill


class OrderDetail(TableFormat):
    """One row a line; the list has the rest. No times, so a closed line does not say whether it was paid."""

    code, title, platform = "taobao_detail", _("Taobao order detail"), "taobao"
    fields = (
        field("order_number", "订单编号", required=True, filled=True),
        field("title", "标题", "宝贝标题", "商品标题", required=True),
        field("unit_price", "价格", "商品价格", required=True),
        field("quantity", "购买数量", required=True, filled=True),
        field("code", "外部系统编号"),
        field("attributes", "商品属性"),
        field("line_state", "订单状态", required=True),
        field("item_code", "商家编码"),
    )
    makes = frozenset({"rec", "state", "amount"})
    unused = "套餐信息,备注,联系方式备注"

    def finish(self, values: Values) -> None:
        values["rec"] = "line"
        values["amount"] = amount_of(values)
        word = values["line_state"]
        values["state"] = None if word in {None, CLOSED} else state_of({"platform_state": word})


class SubOrders(TableFormat):
    """One row a sub-order, with its number; money after refunds as in the list where the sums say so."""

    code, title, platform = "taobao_suborders", _("Taobao sub-orders"), "taobao"
    sums = ("paid", "stated_refund")
    fields = (
        field("line_key", "子订单编号", required=True, filled=True),
        field("order_number", "主订单编号", required=True, filled=True),
        field("title", "商品标题", "标题", required=True),
        field("unit_price", "商品价格", "价格"),
        field("quantity", "购买数量", required=True, filled=True),
        field("code", "外部系统编号"),
        field("attributes", "商品属性"),
        field("platform_state", "订单状态", required=True),
        field("item_code", "商家编码"),
        field("_payable", "买家应付货款", kind="amount"),
        field("net_paid", "买家实付金额", "买家实际支付金额", required=True),
        field("line_refund_state", "退款状态"),
        field("_refund", "退款金额", kind="text"),
        field("created_at", "订单创建时间", required=True, filled=True),
        field("paid_at", "订单付款时间", required=True),
        field("shipped_at", "发货时间"),
        field("due_at", "应发货时间"),
        field("platform_item", "商品ID"),
        field("memo", "商家备注"),
        field("message", "主订单买家留言"),
        field("waybill", "物流单号"),
        field("courier", "物流公司"),
    )
    makes = frozenset(
        {"rec", "state", "line_state", "amount", "line_paid", "line_refund", "paid", "stated_refund", "notes"}
    )
    unused = (
        "套餐信息,联系方式备注,支付单号,淘鲜达渠道,飞猪购订单信息,免单资格,免单金额,百亿补贴超链订单信息,超链半托管订单信息,"
        "分阶段信息,备注标签,是否主动赔付,主动赔付金额,主动赔付出账时间"
    )

    def finish(self, values: Values) -> None:
        values["rec"] = "line"
        values["state"] = state_of(values)
        values["line_state"] = values["platform_state"]
        values["amount"] = amount_of(values)
        refund = self.refund_of(values)
        values["line_refund"] = values["stated_refund"] = refund
        values["paid"] = self.paid_of(values, refund)
        values["line_paid"] = values["paid"] if values["paid_at"] else None
        if values.get("waybill"):
            values["waybill"] = without_prefix(values["waybill"])

    @staticmethod
    def refund_of(values: Values) -> Decimal | None:
        """A number, or words such as "no refund asked for"; only a success is money."""
        if "_refund" not in values:
            return None
        if "成功" not in (values.get("line_refund_state") or ""):
            return NOTHING
        return Numbers().amount(values["_refund"])

    @staticmethod
    def paid_of(values: Values, refund: Decimal | None) -> Decimal | None:
        if values.get("paid_at") is None:
            return NOTHING
        net: Decimal | None = values.get("net_paid")
        payable: Decimal | None = values.get("_payable")
        if net is None:
            return None
        if payable is not None and net + (refund or 0) != payable:
            values["notes"] = ["check_paid"]
            return net
        return net + (refund or 0)


class Refunds(TableFormat):
    """One row a refund; the order number may be the sub-order's."""

    code, title, platform, grain = "taobao_refunds", _("Taobao refunds"), "taobao", "refund"
    fields = (
        field("refund_order", "订单编号", required=True, filled=True),
        field("refund_number", "退款编号", required=True, filled=True),
        field("done_at", "退款完结时间", "完结时间"),
        field("refund_amount", "买家退款金额", required=True, filled=True),
        field("refund_kind", "售后类型", "是否需要退货"),
        field("requested_at", "退款的申请时间"),
        field("refund_due_at", "超时时间"),
        field("refund_platform_state", "退款状态", required=True),
        field("reason", "买家退款原因"),
        field("buyer_id", "买家会员名称", "买家会员名"),
    )
    makes = frozenset({"rec", "refund_state"})
    unused = (
        "支付单号,支付宝交易号,订单付款时间,商品id,商品编码,买家实际支付金额,宝贝标题,手工退款/系统退款,货物状态,退货物流信息,"
        "发货物流信息,客服介入状态,卖家真实姓名,卖家真实姓名新,卖家退货地址,卖家邮编,卖家电话,卖家手机,退货物流单号,退货物流公司,"
        "买家退款说明,买家退货时间,责任方,售中或售后,商家备注,完结时间,部分退款/全部退款,审核操作人,举证超时,是否零秒响应,退款操作人,"
        "退款原因标签,业务类型,是否帮他退款,帮他退款操作账号,备注标签,审核操作人新会员名,退款操作人新会员名,小额收款,淘特订单,"
        "百亿补贴超链退款信息,智能退款策略,执行方案"
    )

    def finish(self, values: Values) -> None:
        values["rec"] = "refund"
        word = values["refund_platform_state"]
        values["refund_state"] = REFUND_STATES.get((word or "").replace(",", "，"), "unknown")
        values["refund_kind"] = REFUND_KINDS.get(values.get("refund_kind") or "", "")


FORMATS: Final = (OrderList(), OrderDetail(), SubOrders(), Refunds())
