"""Formatting of prices and times for the pages."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from luxewin.kit.money import EXPONENTS, Money

_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def format_price(price: Money) -> str:
    """Return an amount with its currency, such as `$1,299.00` or `1,299.00 CHF`."""
    amount = f"{Decimal(price.minor).scaleb(-EXPONENTS[price.currency]):,}"
    symbol = _SYMBOLS.get(price.currency)
    return f"{symbol}{amount}" if symbol else f"{amount} {price.currency}"


def format_time(time: datetime | int) -> str:
    """Return a time, or Unix seconds, such as `2026-05-01 18:00:00 UTC`."""
    return f"{_in_utc(time):%Y-%m-%d %H:%M:%S} UTC"


def iso_time(time: datetime | int) -> str:
    """Return a time, or Unix seconds, in ISO 8601, such as `2026-05-01T18:00:00Z`."""
    return f"{_in_utc(time):%Y-%m-%dT%H:%M:%SZ}"


def _in_utc(time: datetime | int) -> datetime:
    return datetime.fromtimestamp(time, tz=UTC) if isinstance(time, int) else time.astimezone(UTC)
