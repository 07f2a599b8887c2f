"""What the demo store is made of: channels, garments, places, names. Data, not messages."""

from typing import Final, NamedTuple


class Shop(NamedTuple):
    """A demo channel: ``share`` of all orders, ``price`` and refunds relative to the tag."""

    code: str
    title: str
    platform: str
    shop_name: str
    format: str
    format_title: str
    file: str  # how its export files are called
    share: float
    price: float
    ship_hours: int
    refund_rate: float
    growth: float  # of its share in a year
    lag_hours: int = 0  # how far its data stay behind


SHOPS: Final = (
    Shop(
        "qinghe-tmall",
        "青禾服饰旗舰店（天猫）",
        "taobao",
        "青禾服饰旗舰店",
        "taobao_suborders",
        "淘宝子订单",
        "ExportOrderDetailList",
        0.44,
        0.62,
        48,
        0.20,
        0.05,
    ),
    Shop(
        "qinghe-douyin",
        "青禾服饰（抖音）",
        "douyin",
        "青禾服饰官方旗舰店",
        "douyin_orders",
        "抖音订单",
        "抖音订单",
        0.25,
        0.56,
        48,
        0.31,
        0.45,
    ),
    Shop(
        "qinghe-jd",
        "青禾服饰（京东）",
        "jd",
        "青禾服饰京东旗舰店",
        "jd_orders",
        "京东订单",
        "京东订单",
        0.12,
        0.64,
        24,
        0.14,
        0.02,
        47,
    ),
    Shop(
        "qinghe-pdd",
        "青禾服饰（拼多多）",
        "pdd",
        "青禾服饰官方旗舰店",
        "pdd_orders",
        "拼多多订单",
        "拼多多订单",
        0.14,
        0.48,
        48,
        0.17,
        0.18,
    ),
    Shop(
        "qinghe-site",
        "青禾官网",
        "site",
        "青禾官网商城",
        "woocommerce_orders",
        "WooCommerce 订单",
        "官网订单",
        0.05,
        0.70,
        72,
        0.09,
        0.30,
    ),
)
HOLE_SHOP: Final = "qinghe-douyin"  # one of its days never came
HOLE_DAYS_AGO: Final = (9, 8, 7, 6, 5, 4, 3, 10, 11, 12, 13)  # the first that suits


class Garment(NamedTuple):
    """A category: tag prices in CNY, how well it sells by month (January first), sizes."""

    category: str
    code: str
    low: int
    high: int
    months: str  # one digit a month
    styles: tuple[str, ...]
    sizes: tuple[str, ...] = ("S", "M", "L", "XL")


GARMENTS: Final = (
    Garment(
        "衬衫",
        "CS",
        259,
        459,
        "346776557643",
        ("棉质宽松衬衫", "法式通勤衬衫", "条纹亚麻衬衫", "立领真丝衬衫", "格纹休闲衬衫"),
    ),
    Garment(
        "连衣裙",
        "LY",
        359,
        899,
        "235789985332",
        ("碎花雪纺连衣裙", "收腰针织连衣裙", "新中式提花连衣裙", "吊带缎面连衣裙", "衬衫式连衣裙", "茶歇法式连衣裙"),
    ),
    Garment("T恤", "TX", 99, 259, "113589984211", ("重磅纯棉 T 恤", "印花短袖 T 恤", "冰丝修身 T 恤", "撞色圆领 T 恤")),
    Garment(
        "针织",
        "ZZ",
        229,
        699,
        "865322237899",
        ("羊毛圆领针织衫", "羊绒半高领毛衣", "镂空针织开衫", "麻花粗棒毛衣", "冰丝薄款针织衫"),
    ),
    Garment(
        "裤装",
        "KZ",
        199,
        499,
        "555665567665",
        ("高腰阔腿裤", "直筒牛仔裤", "垂感西装裤", "束脚休闲裤", "亚麻九分裤"),
        ("S", "M", "L", "XL", "2XL"),
    ),
    Garment("半身裙", "BQ", 199, 459, "345678876543", ("百褶半身裙", "A 字牛仔裙", "缎面鱼尾裙", "纱网半身裙")),
    Garment(
        "外套", "WT", 499, 1299, "655311113798", ("双面呢短外套", "西装外套", "风衣外套", "小香风外套", "牛仔夹克")
    ),
    Garment("羽绒服", "YR", 899, 1999, "931000001599", ("轻薄白鸭绒羽绒服", "长款鹅绒羽绒服", "短款面包羽绒服")),
    Garment("配饰", "PS", 59, 259, "544333344567", ("真丝小方巾", "羊毛围巾", "帆布托特包", "细腰带"), ("均码",)),
)
COLOURS: Final = (
    ("米白", "MB"),
    ("雾蓝", "WL"),
    ("炭黑", "TH"),
    ("燕麦", "YM"),
    ("豆沙", "DS"),
    ("墨绿", "ML"),
    ("焦糖", "JT"),
    ("藏青", "ZQ"),
)

PLACES: Final = (  # province, city, districts, weight
    ("浙江省", "杭州市", "西湖区 余杭区 滨江区 萧山区", 9),
    ("浙江省", "宁波市", "鄞州区 海曙区 江北区", 4),
    ("广东省", "广州市", "天河区 越秀区 番禺区 白云区", 9),
    ("广东省", "深圳市", "南山区 福田区 龙岗区 宝安区", 9),
    ("江苏省", "苏州市", "姑苏区 吴中区 昆山市", 7),
    ("江苏省", "南京市", "鼓楼区 建邺区 江宁区", 6),
    ("上海市", "上海市", "浦东新区 徐汇区 静安区 闵行区", 10),
    ("北京市", "北京市", "朝阳区 海淀区 丰台区 通州区", 9),
    ("四川省", "成都市", "武侯区 锦江区 高新区", 7),
    ("湖北省", "武汉市", "武昌区 洪山区 江汉区", 6),
    ("山东省", "青岛市", "市南区 崂山区 黄岛区", 5),
    ("山东省", "济南市", "历下区 市中区", 3),
    ("河南省", "郑州市", "金水区 二七区 中原区", 5),
    ("湖南省", "长沙市", "岳麓区 雨花区 开福区", 5),
    ("福建省", "厦门市", "思明区 湖里区", 4),
    ("福建省", "福州市", "鼓楼区 仓山区", 3),
    ("安徽省", "合肥市", "蜀山区 包河区", 4),
    ("陕西省", "西安市", "雁塔区 碑林区 未央区", 4),
    ("重庆市", "重庆市", "渝中区 江北区 渝北区", 4),
    ("天津市", "天津市", "和平区 南开区 河西区", 3),
    ("辽宁省", "沈阳市", "和平区 铁西区", 3),
    ("河北省", "石家庄市", "长安区 裕华区", 3),
    ("江西省", "南昌市", "东湖区 红谷滩区", 2),
    ("黑龙江省", "哈尔滨市", "南岗区 道里区", 2),
    ("云南省", "昆明市", "五华区 盘龙区", 2),
    ("广西壮族自治区", "南宁市", "青秀区 西乡塘区", 2),
    ("贵州省", "贵阳市", "南明区 观山湖区", 1),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区 沙依巴克区", 1),
)
SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN: Final = [
    "婷",
    "雨欣",
    "静怡",
    "晓雯",
    "佳琪",
    "思远",
    "梦瑶",
    "丽华",
    "雪梅",
    "子涵",
    "敏",
    "芳",
    "若溪",
    "欣然",
    "春燕",
    "海燕",
    "可馨",
    "诗涵",
    "秀英",
    "建国",
    "志强",
    "文博",
]
STREETS: Final = [
    "文三路",
    "人民路",
    "解放大道",
    "学院路",
    "滨江大道",
    "中山路",
    "长江路",
    "和平街",
    "育才路",
    "科技大道",
]
NICK_HEADS: Final = [
    "小鹿",
    "橘子",
    "阿梨",
    "棉花糖",
    "南风",
    "青柠",
    "奶茶",
    "月亮",
    "半夏",
    "木棉",
    "一只猫",
    "夏天",
    "芝士",
    "桃桃",
    "云朵",
    "栗子",
    "西柚",
    "星河",
]
NICK_TAILS: Final = ["爱穿搭", "不加糖", "的衣橱", "要早睡", "在路上", "很开心", "吃不胖", "的日常", "慢慢来", "喜欢你"]
TALENTS: Final = ["小禾穿搭日记", "阿梨姐姐", "通勤穿搭研究所", "大码女孩小圆", "林林试衣间"]
COURIERS: Final = (("中通快递", "78"), ("圆通速递", "YT8"), ("顺丰速运", "SF1"), ("韵达快递", "43"))
MESSAGES: Final = (
    "请尽快发货，周末要穿", "麻烦发顺丰，谢谢", "不要放快递柜", "送人的，包装好看一点", "请检查有没有线头", "身高 165，体重 55 公斤，请帮我看下尺码", "周一到周五送单位", "和上一单一起发",
)  # fmt: skip
MEMOS: Final = (
    "已联系买家改地址", "老客户，送小方巾", "缺货，已说明 3 天内发出", "买家要求改尺码 M", "加急，当天发出", "运费险已退", "补发腰带一条",
)  # fmt: skip
RETURN_REASONS: Final = (
    "尺码不合适",
    "尺码不合适",
    "7 天无理由退换货",
    "7 天无理由退换货",
    "颜色与描述不符",
    "质量问题",
    "做工有瑕疵",
    "收到不喜欢",
)
UNSHIPPED_REASONS: Final = ("拍错了", "不想要了", "不想要了", "未按约定时间发货", "多拍了")
MONEY_REASONS: Final = ("降价补差", "降价补差", "少件", "运费补偿")
PLATFORM_STATES: Final = {  # the words of a platform's export; others speak as the first
    "taobao": {
        "unpaid": "等待买家付款", "closed_unpaid": "交易关闭", "paid": "买家已付款，等待卖家发货", "shipped": "卖家已发货，等待买家确认",
        "finished": "交易成功", "closed_refunded": "交易关闭", "unknown": "预售尾款待确认",
    },
    "douyin": {
        "unpaid": "待付款", "closed_unpaid": "已取消", "paid": "待发货", "shipped": "已发货", "finished": "已完成",
        "closed_refunded": "已关闭", "unknown": "待平台审核",
    },
    "jd": {
        "unpaid": "等待付款", "closed_unpaid": "已取消", "paid": "等待出库", "shipped": "等待确认收货", "finished": "完成",
        "closed_refunded": "已取消", "unknown": "暂停",
    },
    "pdd": {
        "unpaid": "待付款", "closed_unpaid": "已取消", "paid": "待发货", "shipped": "已发货，待收货", "finished": "已收货",
        "closed_refunded": "已发货，退款成功", "unknown": "待成团",
    },
    "site": {
        "unpaid": "pending", "closed_unpaid": "cancelled", "paid": "processing", "shipped": "shipped", "finished": "completed",
        "closed_refunded": "refunded", "unknown": "on-hold",
    },
}  # fmt: skip
STAFF: Final = {  # role → name, and the colleagues beside
    "manager": ("林婉清",),
    "deputy": ("周启明",),
    "owner": ("沈国栋",),
    "service_lead": ("何雨桐",),
    "service_agent": ("许晓雯", "郑佳琪"),
    "planner": ("顾思远",),
    "warehouse_clerk": ("马志强", "于海燕"),
    "visual_lead": ("苏梦瑶",),
    "designer": ("唐若溪",),
    "marketing_lead": ("韩文博",),
    "marketer": ("谢可馨",),
    "analyst": ("罗子涵",),
    "hr_officer": ("冯丽华",),
    "accountant": ("董秀英",),
    "administrator": ("梁海涛",),
}
