"""Accounts and transfers: value moves, it is never made and never lost."""

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
    """What an account stands for; an account is one kind, one owner (or none) and one currency."""

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
    """A transfer would make or lose value: a defect of the caller, never of the user's input."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a transfer: a positive amount debits the account, a negative one credits it."""

    kind: AccountKind
    owner_id: UUID | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Transfer:
    """A movement of value between two or more accounts; its id is given by its cause, so that a repeat is the same.

    Raises:
        UnbalancedTransferError: fewer than two entries, an entry of nothing, or a currency that does not sum to zero.
    """

    id: UUID
    cause: str
    cause_id: UUID
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        if len(self.entries) < _FEWEST_ENTRIES or not all(entry.amount.minor for entry in self.entries):
            raise UnbalancedTransferError(f"{self.cause} needs two or more entries, each of some amount")
        for currency, minor in _sums(self.entries).items():
            if minor:
                raise UnbalancedTransferError(f"{self.cause} is off by {minor} {currency}")

    @classmethod
    def caused_by(cls, cause: str, cause_id: UUID, entries: Iterable[Entry]) -> Self:
        """Return the one transfer that this cause can have; entries of nothing are left out."""
        moved = tuple(entry for entry in entries if entry.amount.minor)
        return cls(uuid5(cause_id, cause), cause, cause_id, moved)


@dataclass(frozen=True, slots=True)
class BrokenInvariant:
    """A law that does not hold, and the first row that says so."""

    law: str
    first_row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proof:
    """What recomputing the ledger has found; `trial_balance` has a row for each currency."""

    at: datetime
    trial_balance: Sequence[Mapping[str, Any]]
    broken: Sequence[BrokenInvariant]


def account_id(tenant_id: UUID, kind: AccountKind, owner_id: UUID | None, currency: str) -> UUID:
    """Return the id of an account, derived from what it is, so that posting needs no reading."""
    return uuid5(tenant_id, f"ledger:{kind}:{owner_id or ''}:{currency}")


def _sums(entries: Iterable[Entry]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for entry in entries:
        sums[entry.amount.currency] += entry.amount.minor
    return sums
