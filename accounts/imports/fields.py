"""The fields of an order that a column may hold, and how columns are recognised by their header."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.imports.problems import BadFileError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Field:
    """``words``: headers that mean it, folded as `folded_header` does, with spaces between."""

    key: str
    label: _StrPromise
    words: str


FIELDS = (
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
    ),
    Field(
        "amount",
        _("amount"),
        "amount total ordertotal value netamount sales revenue amountcny dollars 金额 订单金额 "
        "销售额 销售金额 总金额 合计 金額 訂單金額 總金額 betrag",
    ),
    Field(
        "quantity",
        _("quantity"),
        "quantity qty units pieces 数量 件数 订单数量 數量 menge",
    ),
    Field(
        "direct_cost",
        _("direct cost"),
        "cost directcost cogs costofsales 成本 直接成本 销售成本 銷售成本 kosten",
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
    ),
    Field(
        "delivered_on",
        _("delivered on"),
        "delivered deliveredon deliverydate shipdate shippedon 交货日期 发货日期 出貨日期",
    ),
)
REQUIRED = ("ordered_on", "amount")
REFUSAL_HEADERS = (_("Line"), _("Column"), _("Reason"), _("Value"))
"""What the list of refused rows says after the columns of the file."""
KEYS = tuple(field.key for field in FIELDS)
LABELS = {field.key: field.label for field in FIELDS}
_BY_WORD = {word: field.key for field in FIELDS for word in field.words.split()}

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


def guessed_mapping(header: Sequence[str]) -> dict[str, int]:
    """The first column whose header is a word for the field."""
    mapping: dict[str, int] = {}
    for position, text in enumerate(without_refusals(header)):
        word = folded_header(text)
        key = _BY_WORD.get(word) or (word if word in KEYS else None)
        if key and key not in mapping:
            mapping[key] = position
    return mapping


def same_headers(header: Sequence[str], position: int) -> list[int]:
    """Positions of all columns whose header reads like the one at ``position``, itself among them."""
    wanted = folded_header(header[position]) if position < len(header) else ""
    return [place for place, text in enumerate(header) if wanted and folded_header(text) == wanted]


def missing(mapping: Mapped) -> list[str]:
    """Field keys that a file cannot do without and that have no column."""
    lacking = [key for key in REQUIRED if key not in mapping]
    return lacking if {"customer", "customer_number"} & set(mapping) else ["customer", *lacking]


def require_columns(mapping: Mapped) -> None:
    """Raises BadFileError that names what has no column."""
    lacking = missing(mapping)
    if lacking:
        words = LABELS | {"customer": _("a customer number or name")}
        raise BadFileError("mapping", value=", ".join(str(words[key]) for key in lacking))


def fingerprint(header: Sequence[str]) -> str:
    """The same for files with the same header: what was mapped once is remembered, also for refused rows."""
    folded = (folded_header(text) for text in without_refusals(header))
    return hashlib.sha256("\x1f".join(folded).encode()).hexdigest()
