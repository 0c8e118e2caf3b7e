"""What the columns of a file may hold, by kind of import, and how they are recognised by their header."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.imports.problems import BadFileError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


TEXT, DATE, NUMBER = "text", "date", "number"


@dataclass(frozen=True)
class Field:
    """``words``: headers that mean it, folded as `folded_header` does, with spaces between."""

    key: str
    label: _StrPromise
    words: str
    type: str = TEXT


@dataclass(frozen=True)
class Columns:
    """The fields of one kind of file; a file without ``required``, or without a customer, is not taken.

    The style of dates and numbers is guessed from the first field of either type.
    """

    fields: tuple[Field, ...]
    required: tuple[str, ...]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(field.key for field in self.fields)

    @cached_property
    def labels(self) -> dict[str, _StrPromise]:
        return {field.key: field.label for field in self.fields}

    @cached_property
    def by_word(self) -> dict[str, str]:
        """Field key by a word of a header; a key is a word for itself."""
        words = {word: field.key for field in self.fields for word in field.words.split()}
        return {key: key for key in self.keys} | words

    def of_type(self, *types: str) -> tuple[str, ...]:
        return tuple(field.key for field in self.fields if field.type in types)


CUSTOMER_FIELDS = (
    Field(
        "customer_number",
        _("customer number"),
        "customernumber customerno customerid customercode custno custid accountnumber "
        "客户编号 客户号 客户代码 客户编码 客戶編號 客戶代號 客戶代碼 kundennummer",
    ),
    Field(
        "customer",
        _("customer name"),
        "customer customername client clientname account accountname company buyer 客户 "
        "客户名称 客户名 客户简称 购货单位 客戶 客戶名稱 客戶簡稱 kunde",
    ),
)
ORDER_FIELDS = (
    *CUSTOMER_FIELDS,
    Field(
        "number",
        _("order number"),
        "order ordernumber orderno orderid po ponumber salesorder documentno invoiceno "
        "订单号 订单编号 单号 单据编号 销售订单号 訂單號 訂單編號 單號 auftragsnummer",
    ),
    Field(
        "ordered_on",
        _("ordered on"),
        "date orderdate orderedon orderedat documentdate purchasedate invoicedate 日期 订单日期 "
        "下单日期 单据日期 订货日期 訂單日期 下單日期 datum auftragsdatum",
        DATE,
    ),
    Field(
        "amount",
        _("amount"),
        "amount total ordertotal value netamount sales revenue amountcny dollars 金额 订单金额 "
        "销售额 销售金额 总金额 合计 金額 訂單金額 總金額 betrag",
        NUMBER,
    ),
    Field(
        "quantity",
        _("quantity"),
        "quantity qty units pieces 数量 件数 订单数量 數量 menge",
        NUMBER,
    ),
    Field(
        "direct_cost",
        _("direct cost"),
        "cost directcost cogs costofsales 成本 直接成本 销售成本 銷售成本 kosten",
        NUMBER,
    ),
    Field(
        "currency",
        _("currency"),
        "currency curr 币种 货币 幣別 幣種 貨幣 währung",
    ),
    Field(
        "rate",
        _("exchange rate"),
        "rate exchangerate fxrate 汇率 匯率 kurs",
        NUMBER,
    ),
    Field(
        "product_line",
        _("product line"),
        "productline product productgroup category 产品线 产品 产品类别 產品線 產品",
    ),
    Field(
        "promised_on",
        _("promised for"),
        "promised promisedon promiseddate duedate deliverydue 交期 承诺交期 要求交期 交貨日期",
        DATE,
    ),
    Field(
        "delivered_on",
        _("delivered on"),
        "delivered deliveredon deliverydate shipdate shippedon 交货日期 发货日期 出貨日期",
        DATE,
    ),
)
USAGE_FIELDS = (
    *CUSTOMER_FIELDS,
    Field(
        "number",
        _("reference number"),
        "reference referencenumber referenceno ref report reportnumber ticket ticketnumber documentno "
        "单号 单据编号 参考号 报告编号 工单号 單號 參考號 報告編號 工單號 belegnummer",
    ),
    Field(
        "used_on",
        _("date"),
        "date day usedon activitydate servicedate documentdate 日期 作业日期 发生日期 作業日期 發生日期 "
        "datum",
        DATE,
    ),
    Field(
        "activity",
        _("activity (code or name)"),
        "activity activitycode activityname costactivity service 作业 作业代码 作业编码 作业名称 活动 作業 "
        "作業代碼 作業名稱 aktivität leistung",
    ),
    Field(
        "quantity",
        _("quantity"),
        "quantity qty units driverquantity minutes visits count 数量 作业量 作业耗用量 "
        "耗用量 次数 分钟 數量 作業量 次數 分鐘 menge",
        NUMBER,
    ),
    Field(
        "project",
        _("project"),
        "project projectname customerproject 项目 项目名称 客户项目 專案 專案名稱 客戶專案 projekt",
    ),
)
ORDERS = Columns(ORDER_FIELDS, required=("ordered_on", "amount"))
USAGES = Columns(USAGE_FIELDS, required=("used_on", "activity", "quantity"))
KEYS = ORDERS.keys
REFUSAL_HEADERS = (_("Line"), _("Column"), _("Reason"), _("Value"))
"""What the list of refused rows says after the columns of the file."""

Mapped = Mapping[str, int]
"""Field key -> position of the column, from 0."""


def folded_header(text: str) -> str:
    """Case, width, spaces and punctuation do not matter; what stands in brackets is a unit."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", re.sub(r"\(.*?\)|（.*?）", "", text))


def without_refusals(header: Sequence[str]) -> Sequence[str]:
    """The header without REFUSAL_HEADERS at its end, in whichever language that list was downloaded."""
    own = len(REFUSAL_HEADERS)
    for language, _name in settings.LANGUAGES:
        with override(language):
            if tuple(header[-own:]) == tuple(map(str, REFUSAL_HEADERS)):
                return header[:-own]
    return header


def guessed_mapping(header: Sequence[str], columns: Columns = ORDERS) -> dict[str, int]:
    """The first column whose header is a word for the field."""
    mapping: dict[str, int] = {}
    for position, text in enumerate(without_refusals(header)):
        key = columns.by_word.get(folded_header(text))
        if key and key not in mapping:
            mapping[key] = position
    return mapping


def same_headers(header: Sequence[str], position: int) -> list[int]:
    """Positions of all columns whose header reads like the one at ``position``, itself among them."""
    wanted = folded_header(header[position]) if position < len(header) else ""
    return [place for place, text in enumerate(header) if wanted and folded_header(text) == wanted]


def missing(mapping: Mapped, columns: Columns) -> list[str]:
    """Field keys that a file cannot do without and that have no column."""
    lacking = [key for key in columns.required if key not in mapping]
    return lacking if {"customer", "customer_number"} & set(mapping) else ["customer", *lacking]


def require_columns(mapping: Mapped, columns: Columns) -> None:
    """Raises BadFileError that names what has no column."""
    lacking = missing(mapping, columns)
    if lacking:
        words = columns.labels | {"customer": _("a customer number or name")}
        raise BadFileError("mapping", value=", ".join(str(words[key]) for key in lacking))


def fingerprint(header: Sequence[str]) -> str:
    """The same for files with the same header: what was mapped once is remembered, also for refused rows."""
    folded = (folded_header(text) for text in without_refusals(header))
    return hashlib.sha256("\x1f".join(folded).encode()).hexdigest()
