"""Quoting tax, through a provider."""

from collections.abc import Sequence
from typing import Protocol

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.tax.domain import TaxableLine, TaxLine, TaxQuote


class TaxProvider(Protocol):
    """A source of tax rates."""

    async def quote(
        self, tx: Transaction, lines: Sequence[TaxableLine], address_country: str, currency: str, /
    ) -> TaxQuote:
        """Return a quote with a line for each line, in the same order; `address_country` is ISO 3166-1 alpha-2.

        It runs inside a transaction: it may read from the database, but must not call external services.
        """


class ZeroTax:
    """The provider of a tenant that charges no tax."""

    async def quote(
        self, _tx: Transaction, lines: Sequence[TaxableLine], _address_country: str, currency: str, /
    ) -> TaxQuote:
        """Return a quote of zero on every line."""
        nothing = Money.zero(currency)
        return TaxQuote(tuple(TaxLine(line.amount, 0, nothing) for line in lines), currency)


PROVIDER: TaxProvider = ZeroTax()


async def quote(
    tx: Transaction,
    lines: Sequence[TaxableLine],
    address_country: str,
    currency: str,
    *,
    provider: TaxProvider = PROVIDER,
) -> TaxQuote:
    """Return the tax of an order to a country, with one line for each of `lines`, in the same order."""
    return await provider.quote(tx, lines, address_country, currency)
