"""Douyin: one row a sub-order with money of its own; after-sale applications."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from products.orders.formats.amounts import NOTHING, price_of
from products.orders.formats.declare import Values, field
from products.orders.formats.reader import TableFormat

STATES: Final = {
    "待支付": "unpaid",
    "待付款": "unpaid",
    "备货中": "paid",
    "待发货": "paid",
    "部分发货": "partly_shipped",
    "已发货": "shipped",
    "已完成": "finished",
}
REFUND_KINDS: Final = {"仅退款": "money", "退货退款": "return", "换货": "exchange", "补寄": "resend"}


def state_of(values: Values) -> str:
    word = values["platform_state"] or ""
    if word == "已关闭":
        return "closed_refunded" if values.get("paid_at") else "closed_unpaid"
    return STATES.get(word, "unknown")


class Orders(TableFormat):
    code, title, platform = "douyin_orders", _("Douyin orders"), "douyin"
    sums = ("payable", "paid", "postage", "discount_store", "discount_platform", "stated_refund")
    fields = (
        field("order_number", "主订单编号", required=True, filled=True),
        field("line_key", "子订单编号", required=True, filled=True),
        field("title", "选购商品", required=True),
        field("attributes", "商品规格"),
        field("quantity", "商品数量", required=True, filled=True),
        field("platform_item", "商品ID"),
        field("code", "商家编码"),
        field("item_code", "货号"),
        field("_goods", "商品金额", kind="amount"),
        field("unit_price", "商品单价"),
        field("payable", "订单应付金额", required=True, filled=True),
        field("postage", "运费"),
        field("discount_platform", "平台优惠"),
        field("discount_store", "商家优惠"),
        field("created_at", "订单提交时间", required=True, filled=True),
        field("paid_at", "支付完成时间", required=True),
        field("finished_at", "订单完成时间"),
        field("due_at", "承诺发货时间"),
        field("shipped_at", "发货时间"),
        field("platform_state", "订单状态", required=True),
        field("line_refund_state", "售后状态"),
        field("receiver_name", "收件人"),
        field("phone", "收件人手机号"),
        field("province", "省"),
        field("city", "市"),
        field("district", "区"),
        field("address", "详细地址"),
        field("message", "买家留言"),
        field("memo", "商家备注"),
        field("flag", "旗帜颜色"),
        field("talent", "达人昵称"),
        field("_parcel", "快递信息", kind="text"),
    )
    makes = frozenset(
        {
            "rec",
            "state",
            "line_state",
            "amount",
            "line_paid",
            "line_refund",
            "stated_refund",
            "paid",
            "unit_price",
            "waybill",
            "courier",
        }
    )
    unused = (
        "支付方式,预约发货时间,APP渠道,取消原因,订单类型,车型,是否是以旧换新,换新额外补贴,换新额外补贴发放状态,优惠总金额,达人优惠,商家改价,"
        "支付优惠,手续费,红包抵扣,降价类优惠,平台实际承担优惠金额,商家实际承担优惠金额,达人实际承担优惠金额,街道,是否修改过地址,地址修改时段,"
        "序列号,达人ID,拼团订单团编号,商品单价是否含税,税费,鲁班落地页ID,所属门店ID,流量来源,仓库ID,仓库名称,是否安心购,广告渠道,流量类型,"
        "流量体裁,流量渠道,发货主体,发货主体明细,教育优惠,预计送达时间,是否平台仓自流转,是否是渠道商品,预约送达时间,建议发货时间（起）,"
        "建议发货时间（止）,商品69码,发货SN码,发货IMEI码1,发货IMEI码2,物流SN码,物流IMEI码1,物流IMEI码2"
    )

    def finish(self, values: Values) -> None:
        values["rec"] = "line"
        values["state"] = state_of(values)
        values["line_state"] = values["platform_state"]
        self._set_amount(values)
        paid = values["payable"] if values.get("paid_at") else NOTHING
        values["paid"] = paid
        values["line_paid"] = paid if values.get("paid_at") else None
        # The file names no amount of a refund: the sub-order's whole.
        refunded = "退款成功" in (values.get("line_refund_state") or "")
        values["line_refund"] = values["stated_refund"] = paid if refunded else NOTHING
        values["waybill"], values["courier"] = parcel_of(values.get("_parcel"))

    @staticmethod
    def _set_amount(values: Values) -> None:
        price, goods, quantity = values.get("unit_price"), values.get("_goods"), values["quantity"]
        if goods is None and price is not None:
            goods = price * quantity
        if price is None and goods is not None:
            price = price_of(goods, quantity)
        values["unit_price"], values["amount"] = price, goods


def parcel_of(text: str | None) -> tuple[str | None, str | None]:
    """``YT123-圆通快递`` → waybill and courier."""
    if not text:
        return None, None
    waybill, _dash, courier = text.partition("-")
    return waybill.strip()[:64] or None, courier.strip()[:64] or None


class AfterSale(TableFormat):
    """One row an application; the sub-order's number leads to the order."""

    code, title, platform, grain = "douyin_aftersale", _("Douyin after-sale"), "douyin", "refund"
    fields = (
        field("refund_number", "售后单号", required=True, filled=True),
        field("_order", "订单号", kind="id", required=True),
        field("refund_order", "商品单号", required=True),
        field("_kind", "售后类型", kind="text"),
        field("_goods", "退商品金额（元）", kind="amount", required=True),
        field("_postage", "退运费金额（元）", kind="amount"),
        field("refund_platform_state", "售后状态", required=True),
        field("requested_at", "售后申请时间"),
        field("reason", "售后原因"),
        field("refund_due_at", "自动处理截止时间"),
        field("_arrived_at", "用户到账时间", kind="moment"),
        field("_returned_at", "商家退款时间", kind="moment"),
        field("_ended_at", "售后完结时间", kind="moment"),
    )
    makes = frozenset({"rec", "refund_state", "refund_kind", "refund_amount", "done_at"})
    unused = (
        "商品名称,商品ID,应付金额（元）,商品运费（元）,支付优惠（元）,商品税费（元）,商品发货状态,退支付优惠（元）,退税费金额（元）,退款方式,"
        "是否已上传退款凭证,售后原因标签,退货物流单号,退货异常,退货发货时间,退货物流公司,同意售后申请时间,售后关闭时间,商家退货地址,"
        "商家退货联系人姓名,商家退货联系人电话,仲裁状态,纠纷责任方,是否极速退款,是否拒签后退款,发货物流单号,发货物流状态,换货物流单号,"
        "退货物流状态,订单备注,用户售后说明,售后备注,操作人,协商记录,换货商品信息,商家编码,门店名称"
    )

    def finish(self, values: Values) -> None:
        values["rec"] = "refund"
        values["refund_order"] = values["refund_order"] or values["_order"]
        values["refund_amount"] = (values["_goods"] or NOTHING) + (values.get("_postage") or NOTHING)
        values["refund_state"] = refund_state_of(values["refund_platform_state"] or "")
        values["refund_kind"] = REFUND_KINDS.get(values.get("_kind") or "", "")
        if values["refund_state"] == "success":
            times = (values.get(name) for name in ("_returned_at", "_arrived_at", "_ended_at"))
            values["done_at"] = next((moment for moment in times if moment), None)


def refund_state_of(word: str) -> str:
    if "退款成功" in word:
        return "success"
    if "关闭" in word or word == "换货成功":
        return "closed"
    if "拒绝" in word:
        return "refused"
    return "open" if "处理中" in word or "待" in word else "unknown"


FORMATS: Final = (Orders(), AfterSale())
