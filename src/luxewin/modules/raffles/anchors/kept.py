"""Signed transactions in the database; each call is a transaction of its own, for what is signed is stored first."""

from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.database import Database
from luxewin.modules.raffles.anchors.protocol import NonceTaken
from luxewin.modules.raffles.domain.anchoring import AnchorPlace, SignedAnchor, TransactionState
from luxewin.modules.raffles.repository import anchors as repository


class KeptTransactions:
    """What was signed for the raffles of one tenant; nonces are looked up across all of them."""

    def __init__(self, database: Database, tenant_id: UUID) -> None:
        self._database = database
        self._tenant_id = tenant_id

    async def save(self, signed: SignedAnchor) -> None:
        """Store a transaction; the same one twice is once."""
        async with self._database.system() as connection:
            if not await repository.save(connection, self._tenant_id, signed):
                raise NonceTaken

    async def mark(self, transaction_hash: bytes, state: TransactionState) -> None:
        """Note what was last seen of a transaction."""
        async with self._database.system() as connection:
            await repository.mark(connection, transaction_hash, state)

    async def of(self, raffle_id: UUID, purpose: str) -> Sequence[SignedAnchor]:
        """Return every transaction of a purpose."""
        async with self._database.system() as connection:
            return await repository.of_purpose(connection, self._tenant_id, raffle_id, purpose)

    async def at(self, place: AnchorPlace, nonce: int) -> Sequence[SignedAnchor]:
        """Return every transaction of a sender with this nonce."""
        async with self._database.system() as connection:
            return await repository.at_nonce(connection, place, nonce)

    async def highest_nonce(self, place: AnchorPlace) -> int | None:
        """Return the highest nonce that is stored of a sender."""
        async with self._database.system() as connection:
            return await repository.highest_nonce(connection, place)
