"""Money as integer minor units of an ISO 4217 currency; never floating point."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

LARGEST_AMOUNT_MINOR = 2**53 - 1
"""The largest integer that JSON carries exactly; a larger total is an error, never rounded."""

LARGEST_UNIT_AMOUNT_MINOR = 10**12
"""The largest amount that may be multiplied or added up: thousands of them stay below the largest amount."""

EXPONENTS = {
    currency: exponent
    for exponent, currencies in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        2: (
            "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF"
            " CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF"
            " IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR"
            " MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD"
            " SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER"
            " ZAR ZMW ZWG"
        ),
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for currency in currencies.split()
}
"""The number of decimals of each ISO 4217 currency."""


class CurrencyMismatchError(ValueError):
    """An operation on amounts of two currencies: a programming error, never caused by user input."""


class AmountTooLargeError(ValueError):
    """An amount exceeds the range of integers that JSON carries exactly."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount of one currency, in minor units (cents for USD, yen for JPY).

    Raises:
        AmountTooLargeError: the amount is beyond ±(2^53 - 1).
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if abs(self.minor) > LARGEST_AMOUNT_MINOR:
            raise AmountTooLargeError(self.minor)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Return the amount 0 of a currency."""
        return cls(0, currency)

    def __add__(self, other: "Money") -> "Money":
        self._must_share_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._must_share_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._must_share_currency(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._must_share_currency(other)
        return self.minor <= other.minor

    def times(self, quantity: int) -> "Money":
        """Return this amount multiplied by a quantity."""
        return Money(self.minor * quantity, self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Split by largest remainder: the parts sum to this amount, and no minor unit is lost or created.

        Source: the Hamilton method of apportionment. Ties go to the earlier part, so the result is deterministic.
        """
        total_weight = sum(weights)
        if not weights or total_weight <= 0 or min(weights) < 0:
            raise ValueError("weights must be non-negative and not all zero")
        sign = -1 if self.minor < 0 else 1
        magnitude = abs(self.minor)
        parts = [magnitude * weight // total_weight for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(magnitude * weights[i] % total_weight), i))
        for i in by_remainder[: magnitude - sum(parts)]:
            parts[i] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def _must_share_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency} cannot be combined")


def total(amounts: Sequence[Money], *, currency: str) -> Money:
    """Sum amounts of one currency; an empty sequence sums to zero."""
    return sum(amounts, start=Money.zero(currency))
