"""What an anchor must be able to do, and what it needs to be stored for it."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from luxewin.modules.raffles.domain.anchoring import (
    AnchorPlace,
    AnchorState,
    Purpose,
    SignedAnchor,
    TransactionState,
)


class NonceTaken(Exception):
    """Another purpose has stored this nonce, or this purpose has stored another nonce that is not spent; ask again."""


class AnchorStore(Protocol):
    """Where signed transactions are kept; every call is committed before it returns.

    Rows are never removed, and nothing but their state changes.
    """

    async def save(self, signed: SignedAnchor) -> None:
        """Store a transaction; the same one twice is once.

        Must be atomic for a sender: of two at the same time under one nonce, one is stored.

        Raises:
            NonceTaken: a row of the same chain and sender has this nonce and another purpose; or this purpose has a row
                of another nonce which is neither `failed` nor `replaced`.
        """

    async def mark(self, transaction_hash: bytes, state: TransactionState) -> None:
        """Note what was last seen of a transaction."""

    async def of(self, raffle_id: UUID, purpose: str) -> Sequence[SignedAnchor]:
        """Return every transaction of a purpose, whatever its state and place, in the order of their saving."""

    async def at(self, place: AnchorPlace, nonce: int) -> Sequence[SignedAnchor]:
        """Return every transaction of a sender on its chain with this nonce, in the order of their saving."""

    async def highest_nonce(self, place: AnchorPlace) -> int | None:
        """Return the highest nonce that is stored of a sender on its chain."""


class Anchors(Protocol):
    """A place to anchor draws in."""

    async def place(self) -> AnchorPlace:
        """Return where anchors are written now; rules that are published name it."""

    async def advance(self, purpose: Purpose, *, store: AnchorStore, now: int) -> AnchorState:
        """Take one bounded step towards the anchor, and tell how it stands; call again until it is not pending.

        Whatever is signed is stored first, and only then sent. Interrupted anywhere, the next call goes on from what
        is stored. `now` is the present in Unix seconds, and serves to see that a node lags behind and that a
        transaction is slow. What a node does is never an exception; what the store raises, `NonceTaken` apart, comes
        through.
        """

    async def look_up(self, purpose: Purpose, *, store: AnchorStore, now: int) -> AnchorState:
        """Tell how an anchor stands; nothing is signed, and nothing is sent."""
