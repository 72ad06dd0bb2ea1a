"""What is stored of signed transactions, in memory: it outlives whatever process of ours is killed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from luxewin.modules.raffles.anchors.protocol import NonceTaken
from luxewin.modules.raffles.domain.anchoring import AnchorPlace, SignedAnchor, TransactionState

_SPENT = {TransactionState.FAILED, TransactionState.REPLACED}


@dataclass
class Store:
    """Keeps the promises of the protocol; nothing can come between two lines, since nothing is awaited."""

    rows: dict[bytes, SignedAnchor] = field(default_factory=dict)

    async def save(self, signed: SignedAnchor) -> None:
        for row in self.rows.values():
            same_account = (row.place.chain_id, row.place.sender) == (signed.place.chain_id, signed.place.sender)
            same_purpose = (row.raffle_id, row.purpose) == (signed.raffle_id, signed.purpose)
            taken = same_account and row.nonce == signed.nonce and not same_purpose
            open_elsewhere = same_purpose and row.nonce != signed.nonce and row.state not in _SPENT
            if taken or open_elsewhere:
                raise NonceTaken
        self.rows.setdefault(signed.hash, signed)

    async def mark(self, transaction_hash: bytes, state: TransactionState) -> None:
        self.rows[transaction_hash] = replace(self.rows[transaction_hash], state=state)

    async def of(self, raffle_id: UUID, purpose: str) -> Sequence[SignedAnchor]:
        return [row for row in self.rows.values() if (row.raffle_id, row.purpose) == (raffle_id, purpose)]

    async def at(self, place: AnchorPlace, nonce: int) -> Sequence[SignedAnchor]:
        return [row for row in self._of_account(place) if row.nonce == nonce]

    async def highest_nonce(self, place: AnchorPlace) -> int | None:
        return max((row.nonce for row in self._of_account(place)), default=None)

    def _of_account(self, place: AnchorPlace) -> list[SignedAnchor]:
        account = place.chain_id, place.sender
        return [row for row in self.rows.values() if (row.place.chain_id, row.place.sender) == account]
