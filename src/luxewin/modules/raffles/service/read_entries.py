"""Reading parts of a locked list of entries, in bounded time whatever its length."""

import asyncio
from collections import OrderedDict
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.bundles import entries_document
from luxewin.modules.raffles.domain.chunked_tree import CHUNK_SIZE, ChunkedTree, chunk_roots
from luxewin.modules.raffles.domain.draws import Lock
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.errors import ListChanged, TicketNotEntered
from luxewin.modules.raffles.repository import entries as repository
from luxewin.modules.raffles.service.prove_draws import receipt

MAX_ENTRIES = 16_384
"""Maximum number of entries in one response."""

_CHUNKS_PER_QUERY = 8


class MerkleTreeCache:
    """An in-memory LRU cache of the trees of locked lists; a locked list never changes, so entries do not expire.

    The first request for a list reads it once, chunk by chunk, under a lock. A request that is cancelled, for example
    at its deadline, leaves a partial tree that the next one continues, so that a list of any length is completed.
    """

    def __init__(self, *, capacity: int = 16) -> None:
        self._capacity = capacity
        self._complete: OrderedDict[UUID, ChunkedTree] = OrderedDict()
        self._partial: dict[UUID, ChunkedTree] = {}
        self._building = asyncio.Lock()

    async def tree_of(self, tx: Transaction, lock: Lock) -> ChunkedTree:
        """Return the tree of a locked list.

        Raises:
            ListChanged: the entries do not match the receipt.
        """
        raffle_id = lock.receipt.raffle_id
        if raffle_id not in self._complete:
            async with self._building:
                if raffle_id not in self._complete:
                    await self._build(tx, lock)
        self._complete.move_to_end(raffle_id)
        return self._complete[raffle_id]

    async def _build(self, tx: Transaction, lock: Lock) -> None:
        raffle_id = lock.receipt.raffle_id
        while len(self._partial) >= self._capacity:
            del self._partial[next(iter(self._partial))]
        tree = self._partial.setdefault(raffle_id, ChunkedTree())
        limit = CHUNK_SIZE * _CHUNKS_PER_QUERY
        while found := await repository.entries_after(tx, raffle_id, tree.last_number, limit=limit):
            for first, last, root in await asyncio.to_thread(chunk_roots, raffle_id, found):
                tree.add(first, last, root)
        del self._partial[raffle_id]
        if tree.close() != lock.receipt.merkle_root:
            raise ListChanged
        self._complete[raffle_id] = tree
        while len(self._complete) > self._capacity:
            self._complete.popitem(last=False)


async def entries_after(tx: Transaction, raffle_id: UUID, after: int, *, limit: int) -> Json:
    """Return locked entries with numbers above `after`, at most `limit`, in the JSON form of the bundle.

    `next_after` is the value of `after` for the next part, or None if this is the last one.

    Raises:
        NotLocked: the list is not locked.
    """
    await receipt(tx, raffle_id)
    found = await repository.entries_after(tx, raffle_id, after, limit=limit + 1)
    page = found[:limit]
    return {**entries_document(page), "next_after": page[-1][0] if len(found) > limit else None}


async def inclusion(tx: Transaction, raffle_id: UUID, number: int, *, trees: MerkleTreeCache) -> dict[str, Any]:
    """Return the inclusion proof of a ticket: its audit path to the root of the receipt.

    Raises:
        NotLocked: the list is not locked.
        TicketNotEntered: no entry has this number.
        ListChanged: the entries do not match the receipt.
    """
    lock = await receipt(tx, raffle_id)
    tree = await trees.tree_of(tx, lock)
    index = tree.chunk_of(number)
    if index is None:
        raise TicketNotEntered
    chunk = await repository.entries_after(tx, raffle_id, tree.first_numbers[index] - 1, limit=CHUNK_SIZE)
    offset = next((offset for offset, (entered, _) in enumerate(chunk) if entered == number), None)
    if offset is None:
        raise TicketNotEntered
    return {
        "raffle_id": str(raffle_id),
        "number": number,
        "commit": chunk[offset][1].hex(),
        "position": index * CHUNK_SIZE + offset,
        "path": [sibling.hex() for sibling in tree.path(raffle_id, index, chunk, offset)],
        "receipt": lock.receipt.document(),
        "receipt_signature": lock.signature.hex(),
    }
