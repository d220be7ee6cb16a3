"""Every register of master data. What stands here is its table, its upload, its export and what the API takes."""

from collections.abc import Mapping

from intake.domain.complaint import LANGUAGES
from intake.domain.master_data.columns import MOST_UNITS, Column
from intake.domain.master_data.register import Reference, Register, keyed
from intake.domain.texts import normalised

CODE, LOT, NAME = 100, 100, 200
FIELDS = ("product_family", "product_model", "defect_code", "failure_location")
"""Of a complaint: where people write what a register knows by its code."""
MOVEMENTS = ("shipped", "returned", "scrapped")
WITH_CUSTOMERS = ("customer_service", "quality", "manager")

_family = Column("product_family", required=True, most=CODE, known_as=("family", "产品系列", "车系", "产品族"))
_model = Column("product_model", most=NAME, known_as=("model", "产品型号", "型号"))
_lot = Column("lot", most=LOT, known_as=("batch", "批次", "批号"))
_labels = (
    Column("label_zh", most=NAME, known_as=("name_zh", "中文名称", "名称")),
    Column("label_en", most=NAME, known_as=("name_en", "英文名称")),
)
_life = (
    Column("launched_on", "date", known_as=("上市日期",)),
    Column("discontinued_on", "date", known_as=("停产日期",)),
)
_valid = (Column("valid_from", "date", known_as=("生效日期",)), Column("valid_until", "date", known_as=("失效日期",)))
_ref = Column("customer_ref", required=True, most=CODE, known_as=("customer_number", "客户编号", "客户号"))
_to_family = Reference("product-families", {"product_family": "product_family"})
_to_model = Reference("product-models", {"product_family": "product_family", "product_model": "product_model"})
_to_account = Reference("customer-accounts", {"customer_ref": "customer_ref"})

CUSTOMER_ACCOUNTS = Register(
    "customer-accounts",
    (
        _ref,
        Column("name", most=NAME, personal=True, known_as=("customer_name", "客户名称")),
        Column("language", "choice", choices=LANGUAGES, known_as=("语言",)),
        Column("key_account", "yes_no", default=False, known_as=("重点客户", "大客户")),
        Column("tier", most=40, known_as=("客户级别", "等级")),
        Column("region", most=CODE, known_as=("地区", "区域")),
        Column("closed_on", "date", known_as=("停用日期",)),
    ),
    ("customer_ref",),
    writers=WITH_CUSTOMERS,
)
ACCOUNT_CONTACTS = Register(
    "account-contacts",
    (
        _ref,
        Column("contact", required=True, most=CODE, known_as=("contact_code", "联系人编号")),
        Column("name", most=NAME, personal=True, known_as=("contact_name", "联系人", "姓名")),
        Column("function", most=CODE, known_as=("role", "职务")),
        Column("email", most=254, personal=True, known_as=("e-mail", "邮箱")),
        Column("phone", most=40, personal=True, known_as=("telephone", "电话", "手机")),
        Column("language", "choice", choices=LANGUAGES, known_as=("语言",)),
        Column("left_on", "date", known_as=("离职日期",)),
    ),
    ("customer_ref", "contact"),
    (_to_account,),
    writers=WITH_CUSTOMERS,
)
CONSENTS = Register(
    "consents",
    (
        _ref,
        Column("purpose", required=True, most=CODE, known_as=("用途",)),
        Column("at", "time", required=True, known_as=("时间",)),
        Column("given", "yes_no", required=True, known_as=("同意",)),
        Column("source", required=True, most=NAME, known_as=("来源",)),
    ),
    ("customer_ref", "purpose", "at"),
    (_to_account,),
    writers=WITH_CUSTOMERS,
)
PRODUCT_FAMILIES = Register(
    "product-families",
    (_family, *_labels, *_life),
    ("product_family",),
    derived={"family_key": keyed("product_family")},
    periods=(("launched_on", "discontinued_on"),),
)
PRODUCT_MODELS = Register(
    "product-models",
    (
        _family,
        Column("product_model", required=True, most=NAME, known_as=_model.known_as),
        *_labels,
        *_life,
    ),
    ("product_family", "product_model"),
    (_to_family,),
    periods=(("launched_on", "discontinued_on"),),
)
PRODUCT_LOTS = Register(
    "product-lots",
    (
        _family,
        Column("lot", required=True, most=LOT, known_as=_lot.known_as),
        _model,
        Column("produced_on", "date", known_as=("production_date", "生产日期")),
        Column("plant", most=CODE, known_as=("工厂", "产地")),
        Column("quantity_made", "number", most=MOST_UNITS, known_as=("生产数量",)),
    ),
    ("product_family", "lot"),
    (_to_family, _to_model),
    derived={"lot_key": keyed("product_family", "lot")},
)
PRODUCT_SERIALS = Register(
    "product-serials",
    (
        _family,
        Column("serial", required=True, most=100, known_as=("serial_number", "序列号", "VIN")),
        _model,
        _lot,
        Column("production_month", "month", known_as=("生产月份",)),
        Column("shipped_on", "date", known_as=("发货日期",)),
    ),
    ("product_family", "serial"),
    (_to_family, _to_model),
    derived={"serial_key": keyed("product_family", "serial")},
)
ALIASES = Register(
    "aliases",
    (
        Column("field", "choice", required=True, choices=FIELDS, known_as=("字段",)),
        Column("spelling", required=True, most=NAME, known_as=("alias", "别名", "写法")),
        Column("code", required=True, most=NAME, known_as=("代码",)),
    ),
    ("field", "spelling_key"),
    derived={"spelling_key": lambda record: normalised(record["spelling"])},
)
SHIPMENTS = Register(
    "shipments",
    (
        Column("month", "month", required=True, known_as=("月份",)),
        _family,
        Column("product_model", most=NAME, default="", known_as=_model.known_as),
        Column("lot", most=LOT, default="", known_as=_lot.known_as),
        Column("region", most=CODE, default="", known_as=("地区", "区域")),
        Column("movement", "choice", choices=MOVEMENTS, default="shipped", known_as=("类型",)),
        Column("quantity", "number", required=True, most=MOST_UNITS, known_as=("数量", "发货数量")),
        Column("production_month", "month", known_as=("生产月份",)),
    ),
    ("month", "product_family", "product_model", "lot", "region", "movement"),
    (_to_family, _to_model),
    derived={"lot_key": keyed("product_family", "lot")},
)
CODE_GROUPS = Register(
    "code-groups",
    (
        Column("code_group", required=True, most=CODE, known_as=("代码组",)),
        Column("field", "choice", required=True, choices=("defect_code", "failure_location"), known_as=("字段",)),
        *_labels,
        Column("product_family", most=CODE, known_as=_family.known_as),
    ),
    ("code_group",),
    (_to_family,),
)
CODES = Register(
    "codes",
    (
        Column("code_group", required=True, most=CODE, known_as=("代码组",)),
        Column("code", required=True, most=CODE, known_as=("代码",)),
        *_labels,
        Column("parent", most=CODE, known_as=("上级代码",)),
        Column("catch_all", "yes_no", default=False, known_as=("其他类",)),
        *_valid,
        Column("retired", "yes_no", default=False, known_as=("停用",)),
    ),
    ("code_group", "code"),
    (
        Reference("code-groups", {"code_group": "code_group"}),
        Reference("codes", {"code_group": "code_group", "parent": "code"}),
    ),
    periods=(("valid_from", "valid_until"),),
)

REGISTERS: Mapping[str, Register] = {
    register.name: register
    for register in (
        PRODUCT_FAMILIES,
        PRODUCT_MODELS,
        PRODUCT_LOTS,
        PRODUCT_SERIALS,
        ALIASES,
        SHIPMENTS,
        CODE_GROUPS,
        CODES,
        CUSTOMER_ACCOUNTS,
        ACCOUNT_CONTACTS,
        CONSENTS,
    )
}
