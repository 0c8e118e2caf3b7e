"""Money in minor units (cents, fen), with the exponents of ISO 4217, and its value in the base currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision, list_currencies

CURRENCIES = frozenset(code for code in list_currencies() if len(code) == 3)
"""Every code of ISO 4217 that Babel knows, past ones too: old orders are in them."""


def exponent(currency: str) -> int:
    """Decimal places of the currency: 2 for CNY, 0 for JPY, 3 for KWD."""
    return int(get_currency_precision(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """``amount`` in minor units; raises ValueError when it has more decimals than the currency."""
    minor = amount.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} has more decimals than {currency}")
    return int(minor)


def to_base(minor: int, *, currency: str, base: str, rate: Decimal) -> int:
    """Minor units of ``base``, halves away from zero; ``rate``: the price of one ``currency`` in ``base``."""
    value = (Decimal(minor) * rate).scaleb(exponent(base) - exponent(currency))
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
