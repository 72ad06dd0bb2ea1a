"""Tax is quoted by a provider, line by line."""

from collections.abc import Sequence
from uuid import uuid4

from luxewin.kit.access import SYSTEM
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.tax import public as tax
from luxewin.modules.tax.public import TaxableLine, TaxLine, TaxProvider, TaxQuote
from luxewin.modules.tax.service import quote

LINES = [TaxableLine(Money(10_000, "EUR"), taxable=True), TaxableLine(Money(500, "EUR"), taxable=False)]


class OneRate:
    """A provider with its own rate, like a provider for a tenant with taxes."""

    async def quote(
        self, _tx: Transaction, lines: Sequence[TaxableLine], _address_country: str, currency: str, /
    ) -> TaxQuote:
        return TaxQuote(tuple(self._taxed(line) for line in lines), currency)

    def _taxed(self, line: TaxableLine) -> TaxLine:
        rate = 1_900 if line.taxable else 0
        return TaxLine(line.amount, rate, Money(line.amount.minor * rate // 10_000, line.amount.currency))


def anywhere() -> Transaction:
    return Transaction(None, tenant_id=uuid4(), principal=SYSTEM)


async def test_without_a_provider_of_its_own_a_shop_charges_no_tax_on_any_line() -> None:
    taxes = await tax.quote(anywhere(), LINES, "DE", "EUR")
    assert taxes.per_line == (Money.zero("EUR"), Money.zero("EUR"))
    assert taxes.total == Money.zero("EUR")
    assert [line.taxed for line in taxes.lines] == [Money(10_000, "EUR"), Money(500, "EUR")]


async def test_an_order_without_lines_has_no_tax() -> None:
    assert (await tax.quote(anywhere(), [], "DE", "EUR")).total == Money.zero("EUR")


async def test_the_total_is_the_sum_of_the_lines_taxes() -> None:
    provider: TaxProvider = OneRate()
    taxes = await quote(anywhere(), LINES, "DE", "EUR", provider=provider)
    assert taxes.per_line == (Money(1_900, "EUR"), Money.zero("EUR"))
    assert taxes.total == Money(1_900, "EUR")
    assert [line.rate_basis_points for line in taxes.lines] == [1_900, 0]
