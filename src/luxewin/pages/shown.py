"""What several pages show alike: prices, moments, and the address under which a visitor came."""

import re
from collections.abc import MutableMapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from markupsafe import Markup

from luxewin.kit.money import EXPONENTS, Money
from luxewin.kit.settings import Settings
from luxewin.pages.html import fill

_HOST = re.compile(r"[A-Za-z0-9.\-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")
_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def price_of(price: Money) -> str:
    """Return an amount as people read it."""
    amount = f"{Decimal(price.minor).scaleb(-EXPONENTS[price.currency]):,}"
    symbol = _SYMBOLS.get(price.currency)
    return f"{symbol}{amount}" if symbol else f"{amount} {price.currency}"


def moment_of(moment: datetime | int) -> Markup:
    """Return a moment, or Unix seconds, to the second in UTC, whatever the direction of the words around it."""
    told = datetime.fromtimestamp(moment, tz=UTC) if isinstance(moment, int) else moment.astimezone(UTC)
    return fill("raffles/time", exact=f"{told:%Y-%m-%dT%H:%M:%SZ}", shown=f"{told:%Y-%m-%d %H:%M:%S} UTC")


def address_of_visitor(scope: MutableMapping[str, Any], settings: Settings) -> str:
    """Return the address under which the visitor came, which may be a tunnel's; a strange one is not repeated."""
    host = header_of(scope, b"host")
    if settings.http.public_url is None and _HOST.fullmatch(host):
        return f"{scope.get('scheme', 'http')}://{host}"
    return settings.http.base_url


def header_of(scope: MutableMapping[str, Any], name: bytes) -> str:
    """Return a header of a request; empty where it is missing."""
    return next((value.decode("latin-1") for known, value in scope["headers"] if known == name), "")
