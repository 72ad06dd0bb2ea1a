"""Signed transactions in the database; each call commits before it returns."""

from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.database import Database
from luxewin.modules.raffles.anchors.protocol import NonceTaken
from luxewin.modules.raffles.domain.anchoring import AnchorLocation, SignedAnchor, TransactionState
from luxewin.modules.raffles.repository import anchors as repository


class TransactionStore:
    """Implements `AnchorStore` for the raffles of one tenant; nonces are looked up across all tenants."""

    def __init__(self, database: Database, tenant_id: UUID) -> None:
        self._database = database
        self._tenant_id = tenant_id

    async def save(self, signed: SignedAnchor) -> None:
        """Store a transaction; storing it again changes nothing.

        Raises:
            NonceTaken: see the protocol.
        """
        async with self._database.system() as connection:
            if not await repository.save(connection, self._tenant_id, signed):
                raise NonceTaken

    async def mark(self, transaction_hash: bytes, state: TransactionState) -> None:
        """Store the last observed state of a transaction."""
        async with self._database.system() as connection:
            await repository.mark(connection, transaction_hash, state)

    async def of_purpose(self, raffle_id: UUID, purpose: str) -> Sequence[SignedAnchor]:
        """Return every transaction of a purpose."""
        async with self._database.system() as connection:
            return await repository.of_purpose(connection, self._tenant_id, raffle_id, purpose)

    async def with_nonce(self, location: AnchorLocation, nonce: int) -> Sequence[SignedAnchor]:
        """Return every transaction of a sender with this nonce."""
        async with self._database.system() as connection:
            return await repository.with_nonce(connection, location, nonce)

    async def highest_nonce(self, location: AnchorLocation) -> int | None:
        """Return the highest stored nonce of a sender; None if there is none."""
        async with self._database.system() as connection:
            return await repository.highest_nonce(connection, location)
