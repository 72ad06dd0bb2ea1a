"""The request to a tax provider, and its quote."""

from dataclasses import dataclass

from luxewin.kit.money import Money, total


@dataclass(frozen=True, slots=True)
class TaxableLine:
    """The taxable properties of an order's line: the price of all units, and whether it is taxed."""

    amount: Money
    taxable: bool


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of one line: its rate and amount. The rate is in basis points: 19 % is 1900."""

    taxed: Money
    rate_basis_points: int
    tax: Money


@dataclass(frozen=True, slots=True)
class TaxQuote:
    """The tax of an order, line by line, in the order of the request."""

    lines: tuple[TaxLine, ...]
    currency: str

    @property
    def per_line(self) -> tuple[Money, ...]:
        """The tax of each line."""
        return tuple(line.tax for line in self.lines)

    @property
    def total(self) -> Money:
        """The tax of the whole order: the sum of its lines."""
        return total(self.per_line, currency=self.currency)
