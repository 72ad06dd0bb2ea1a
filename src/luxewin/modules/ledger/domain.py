"""Accounts and transfers: value moves between accounts, and the total stays zero."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID, uuid5

from luxewin.kit.money import Money

_FEWEST_ENTRIES = 2


class AccountKind(StrEnum):
    """The kind of an account; an account has one kind, one owner (or none) and one currency."""

    GATEWAY_CLEARING = "gateway_clearing"
    ORDER_CLEARING = "order_clearing"
    SUSPENSE = "suspense"
    VENDOR_PAYABLE_HELD = "vendor_payable_held"
    VENDOR_PAYABLE = "vendor_payable"
    COMMISSION_INCOME = "commission_income"
    OWN_SALES = "own_sales"
    SHIPPING_INCOME = "shipping_income"
    TAX_PAYABLE = "tax_payable"
    RAFFLE_DEFERRED = "raffle_deferred"
    TICKET_INCOME = "ticket_income"
    PRIZE_FUND = "prize_fund"
    WALLET = "wallet"
    GIFT_CARD = "gift_card"
    MARKETING = "marketing"
    BREAKAGE = "breakage"
    REFUNDS_PAYABLE = "refunds_payable"
    PAYOUTS_IN_TRANSIT = "payouts_in_transit"
    BANK = "bank"
    GATEWAY_FEES = "gateway_fees"
    DISPUTES = "disputes"
    DISPUTE_LOSSES = "dispute_losses"


class UnbalancedTransferError(ValueError):
    """A transfer would create or lose value: an error of the calling code, not of user input."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a transfer: a positive amount debits the account, a negative one credits it."""

    kind: AccountKind
    owner_id: UUID | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Transfer:
    """A movement of value between two or more accounts; its id is derived from its cause, so a repeat has the same id.

    Raises:
        UnbalancedTransferError: fewer than two entries, an entry of zero, or a currency that does not sum to zero.
    """

    id: UUID
    cause: str
    cause_id: UUID
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        if len(self.entries) < _FEWEST_ENTRIES or not all(entry.amount.minor for entry in self.entries):
            raise UnbalancedTransferError(f"{self.cause} needs two or more entries, none of them zero")
        for currency, minor in _sums(self.entries).items():
            if minor:
                raise UnbalancedTransferError(f"{self.cause} is off by {minor} {currency}")

    @classmethod
    def caused_by(cls, cause: str, cause_id: UUID, entries: Iterable[Entry]) -> Self:
        """Return the transfer of this cause; entries of zero are left out."""
        nonzero = tuple(entry for entry in entries if entry.amount.minor)
        return cls(uuid5(cause_id, cause), cause, cause_id, nonzero)


@dataclass(frozen=True, slots=True)
class BrokenInvariant:
    """An invariant that is violated, and the first row that violates it."""

    invariant: str
    first_row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of recomputing the ledger; `trial_balance` has a row for each currency."""

    at: datetime
    trial_balance: Sequence[Mapping[str, Any]]
    broken: Sequence[BrokenInvariant]


def account_id(tenant_id: UUID, kind: AccountKind, owner_id: UUID | None, currency: str) -> UUID:
    """Return the id of an account, derived from its attributes, so that posting needs no query."""
    return uuid5(tenant_id, f"ledger:{kind}:{owner_id or ''}:{currency}")


def _sums(entries: Iterable[Entry]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for entry in entries:
        sums[entry.amount.currency] += entry.amount.minor
    return sums
