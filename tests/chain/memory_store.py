"""An in-memory store of signed transactions, which survives the processes that tests kill."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from luxewin.modules.raffles.anchors.protocol import NonceTaken
from luxewin.modules.raffles.domain.anchoring import AnchorLocation, SignedAnchor, TransactionState

_SPENT = {TransactionState.FAILED, TransactionState.REPLACED}


@dataclass
class InMemoryStore:
    """Implements `AnchorStore`; each call is atomic, since it awaits nothing."""

    rows: dict[bytes, SignedAnchor] = field(default_factory=dict)

    async def save(self, signed: SignedAnchor) -> None:
        for row in self.rows.values():
            same_account = (row.location.chain_id, row.location.sender) == (
                signed.location.chain_id,
                signed.location.sender,
            )
            same_purpose = (row.raffle_id, row.purpose) == (signed.raffle_id, signed.purpose)
            taken = same_account and row.nonce == signed.nonce and not same_purpose
            other_pending = same_purpose and row.nonce != signed.nonce and row.state not in _SPENT
            if taken or other_pending:
                raise NonceTaken
        self.rows.setdefault(signed.hash, signed)

    async def mark(self, transaction_hash: bytes, state: TransactionState) -> None:
        self.rows[transaction_hash] = replace(self.rows[transaction_hash], state=state)

    async def of_purpose(self, raffle_id: UUID, purpose: str) -> Sequence[SignedAnchor]:
        return [row for row in self.rows.values() if (row.raffle_id, row.purpose) == (raffle_id, purpose)]

    async def with_nonce(self, location: AnchorLocation, nonce: int) -> Sequence[SignedAnchor]:
        return [row for row in self._of_account(location) if row.nonce == nonce]

    async def highest_nonce(self, location: AnchorLocation) -> int | None:
        return max((row.nonce for row in self._of_account(location)), default=None)

    def _of_account(self, location: AnchorLocation) -> list[SignedAnchor]:
        return [row for row in self.rows.values() if _account(row.location) == _account(location)]


def _account(location: AnchorLocation) -> tuple[int, bytes]:
    return location.chain_id, location.sender
