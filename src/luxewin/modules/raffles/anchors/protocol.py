"""The protocol of anchors, and of the store of signed transactions that they need."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from luxewin.modules.raffles.domain.anchoring import (
    AnchorLocation,
    AnchorState,
    Purpose,
    SignedAnchor,
    TransactionState,
)


class NonceTaken(Exception):
    """The nonce is stored for another purpose, or this purpose has a pending transaction with another nonce."""


class AnchorStore(Protocol):
    """Stores signed transactions; every call commits before it returns.

    Rows are never deleted, and only their state is updated.
    """

    async def save(self, signed: SignedAnchor) -> None:
        """Store a transaction; storing it again changes nothing.

        Must be atomic per sender: of two concurrent calls with one nonce for two purposes, one succeeds.

        Raises:
            NonceTaken: a row of the same chain and sender has this nonce and another purpose; or this purpose has a row
                with another nonce which is neither `failed` nor `replaced`.
        """

    async def mark(self, transaction_hash: bytes, state: TransactionState) -> None:
        """Store the last observed state of a transaction."""

    async def of_purpose(self, raffle_id: UUID, purpose: str) -> Sequence[SignedAnchor]:
        """Return every transaction of a purpose, in any state and for any location, in the order of saving."""

    async def with_nonce(self, location: AnchorLocation, nonce: int) -> Sequence[SignedAnchor]:
        """Return every transaction of a sender on its chain with this nonce, in the order of saving."""

    async def highest_nonce(self, location: AnchorLocation) -> int | None:
        """Return the highest stored nonce of a sender on its chain; None if there is none."""


class Anchors(Protocol):
    """A service that anchors draws."""

    async def location(self) -> AnchorLocation:
        """Return the current location of anchors; the rules of new raffles name it."""

    async def advance(self, purpose: Purpose, *, store: AnchorStore, now: int) -> AnchorState:
        """Take one bounded step towards the anchor, and return its state; call again while it is pending.

        A transaction is stored before it is sent. If a step is interrupted anywhere, the next one continues from what
        is stored. `now` is Unix seconds; it is used to detect a node that lags behind and a transaction that is slow.
        Errors of nodes are part of the returned state; errors of the store are raised, except `NonceTaken`.
        """

    async def look_up(self, purpose: Purpose, *, store: AnchorStore, now: int) -> AnchorState:
        """Return the state of an anchor without signing or sending anything."""
