"""The response bodies of the ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from luxewin.kit.http.fields import View
from luxewin.modules.ledger.domain import AccountKind, Proof

_ACCOUNT: dict[str, Any] = {
    "id": "6f0e6d5c-8d0f-5c7e-9b1a-3f3f6f1f2a10",
    "kind": "order_clearing",
    "owner_id": None,
    "balance": {"amount": -129900, "currency": "USD"},
    "opened_at": "2026-11-20T12:00:00Z",
}
_TRANSFER: dict[str, Any] = {
    "id": "0b6f5a52-6f5c-5d5e-8a3e-0f0c8f3b7a11",
    "cause": "payment_captured",
    "cause_id": "0199a1b2-0000-7000-8000-000000000001",
    "posted_at": "2026-11-20T12:00:00Z",
    "seal_number": 42,
    "postings": [
        {
            "account_id": "91a7a0f8-4dd7-5b53-9f6e-1f4d2c6b8a12",
            "kind": "gateway_clearing",
            "owner_id": "c1d2b6de-0c55-5a07-8c0f-7a3a4f1e9b13",
            "amount": {"amount": 129900, "currency": "USD"},
        },
        {
            "account_id": "6f0e6d5c-8d0f-5c7e-9b1a-3f3f6f1f2a10",
            "kind": "order_clearing",
            "owner_id": None,
            "amount": {"amount": -129900, "currency": "USD"},
        },
    ],
}
_PROOF: dict[str, Any] = {
    "holds": True,
    "at": "2026-11-20T12:00:00Z",
    "trial_balance": [{"currency": "USD", "debits": 259800, "credits": 259800, "difference": 0}],
    "broken": [],
}


class SignedMoney(View):
    """An amount in minor units; debits are positive, credits negative."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": -129900, "currency": "USD"}]})

    amount: int
    currency: str


class AccountView(View):
    """An account; its balance is the sum of its postings and is not stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACCOUNT]})

    id: UUID
    kind: AccountKind
    owner_id: UUID | None
    balance: SignedMoney
    opened_at: datetime

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the response of an account."""
        return cls(
            id=row["id"],
            kind=row["kind"],
            owner_id=row["owner_id"],
            balance=SignedMoney(amount=row["balance_minor"], currency=row["currency"]),
            opened_at=row["opened_at"],
        )


class PostingView(View):
    """One side of a transfer."""

    account_id: UUID
    kind: AccountKind
    owner_id: UUID | None
    amount: SignedMoney


class TransferView(View):
    """A movement of value; its postings sum to zero per currency. `seal_number` is its position in the hash chain."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TRANSFER]})

    id: UUID
    cause: str
    cause_id: UUID
    posted_at: datetime
    seal_number: int | None = Field(description="Null until the transfer is sealed, some seconds after it was posted")
    postings: list[PostingView]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the response of a transfer."""
        return cls(
            id=row["id"],
            cause=row["cause"],
            cause_id=row["cause_id"],
            posted_at=row["posted_at"],
            seal_number=row["seal_number"],
            postings=[_posting(posting) for posting in row["postings"]],
        )


class TrialBalanceView(View):
    """All debits and credits of one currency, in minor units."""

    currency: str
    debits: int
    credits: int
    difference: int


class BrokenLawView(View):
    """An invariant that is violated, and the first row that violates it."""

    law: str
    first_row: dict[str, Any]


class ProofView(View):
    """The result of recomputing the tenant's ledger."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROOF]})

    holds: bool
    at: datetime
    trial_balance: list[TrialBalanceView]
    broken: list[BrokenLawView]

    @classmethod
    def of(cls, proof: Proof) -> Self:
        """Return the response of a proof."""
        return cls(
            holds=not proof.broken,
            at=proof.at,
            trial_balance=[TrialBalanceView.model_validate(dict(row)) for row in proof.trial_balance],
            broken=[BrokenLawView(law=broken.invariant, first_row=dict(broken.first_row)) for broken in proof.broken],
        )


def _posting(posting: Mapping[str, Any]) -> PostingView:
    return PostingView(
        account_id=posting["account_id"],
        kind=posting["kind"],
        owner_id=posting["owner_id"],
        amount=SignedMoney(amount=posting["amount_minor"], currency=posting["currency"]),
    )
