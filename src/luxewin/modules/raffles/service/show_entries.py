"""Showing parts of a locked list, in bounded time however long it is."""

import asyncio
from collections import OrderedDict
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.branches import PIECE, Branches, roots_of
from luxewin.modules.raffles.domain.bundles import entries_document
from luxewin.modules.raffles.domain.draws import Lock
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.errors import ListChanged, TicketNotEntered
from luxewin.modules.raffles.repository import pieces
from luxewin.modules.raffles.service.prove_draws import receipt

MOST_SHOWN = 16_384
"""Entries of one answer, at most."""

_PIECES_AT_ONCE = 8


class Trees:
    """The upper parts of the trees that were asked for last; a locked list never changes, so none grows old.

    The first who asks for a list has it read once, piece by piece. Whoever runs out of time leaves what was read to the
    next, so that a list of any length is ready in the end.
    """

    def __init__(self, *, most: int = 16) -> None:
        self._most = most
        self._ready: OrderedDict[UUID, Branches] = OrderedDict()
        self._growing: dict[UUID, Branches] = {}
        self._turn = asyncio.Lock()

    async def of(self, tx: Transaction, lock: Lock) -> Branches:
        """Return the upper part of a raffle's tree.

        Raises:
            ListChanged: the entries are not those that the receipt commits to.
        """
        raffle_id = lock.receipt.raffle_id
        if raffle_id not in self._ready:
            async with self._turn:
                await self._grown(tx, lock)
        self._ready.move_to_end(raffle_id)
        return self._ready[raffle_id]

    async def _grown(self, tx: Transaction, lock: Lock) -> None:
        raffle_id = lock.receipt.raffle_id
        if raffle_id in self._ready:
            return
        while len(self._growing) >= self._most:
            del self._growing[next(iter(self._growing))]
        branches = self._growing.setdefault(raffle_id, Branches())
        while found := await pieces.entries_after(tx, raffle_id, branches.last, limit=PIECE * _PIECES_AT_ONCE):
            for first, last, root in await asyncio.to_thread(roots_of, raffle_id, found):
                branches.add(first, last, root)
        del self._growing[raffle_id]
        if branches.close() != lock.receipt.merkle_root:
            raise ListChanged
        self._ready[raffle_id] = branches
        while len(self._ready) > self._most:
            self._ready.popitem(last=False)


async def entries_after(tx: Transaction, raffle_id: UUID, after: int, *, limit: int) -> Json:
    """Return locked entries whose numbers follow one, as ranges and one string, and the number to go on after.

    Raises:
        NotLocked: the list is not locked yet.
    """
    await receipt(tx, raffle_id)
    found = await pieces.entries_after(tx, raffle_id, after, limit=limit + 1)
    shown = found[:limit]
    return {**entries_document(shown), "next_after": shown[-1][0] if len(found) > limit else None}


async def inclusion(tx: Transaction, raffle_id: UUID, number: int, *, trees: Trees) -> dict[str, Any]:
    """Return what shows that a ticket is in the locked list: its path to the root of the receipt.

    Raises:
        NotLocked: the list is not locked yet.
        TicketNotEntered: it has no ticket of this number.
    """
    lock = await receipt(tx, raffle_id)
    branches = await trees.of(tx, lock)
    place = branches.piece_of(number)
    if place is None:
        raise TicketNotEntered
    piece = await pieces.entries_after(tx, raffle_id, branches.firsts[place] - 1, limit=PIECE)
    within = next((at for at, (held, _) in enumerate(piece) if held == number), None)
    if within is None:
        raise TicketNotEntered
    return {
        "raffle_id": str(raffle_id),
        "number": number,
        "commit": piece[within][1].hex(),
        "position": place * PIECE + within,
        "path": [sibling.hex() for sibling in branches.path(raffle_id, place, piece, within)],
        "receipt": lock.receipt.document(),
        "receipt_signature": lock.signature.hex(),
    }
