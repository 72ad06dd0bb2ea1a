"""Public data of a draw: receipt and entries once it is locked, winners and proof once it is drawn."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.http.document_files import DocumentFiles
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.raffles import MOST_TICKETS
from luxewin.modules.raffles.errors import ListChanged, NotDrawn, NotLocked, RaffleUnknown, TicketNotEntered
from luxewin.modules.raffles.public import MerkleTreeCache
from luxewin.modules.raffles.routes.router import router
from luxewin.modules.raffles.routes.visible import visible_raffle
from luxewin.modules.raffles.schemas.draws import (
    EntriesChunkView,
    EntriesView,
    InclusionView,
    ProofHeadView,
    ProofView,
    ReceiptView,
    WinnersView,
    WinnerView,
)
from luxewin.modules.raffles.service import prove_draws
from luxewin.modules.raffles.service.read_entries import MAX_ENTRIES, entries_after, inclusion

READ_DRAWS = everyone("raffles.draws.read")


@router.operation(
    "GET",
    "/raffles/{raffle_id}/receipt",
    permission=READ_DRAWS,
    response_model=ReceiptView,
    errors=(RaffleUnknown, NotLocked),
)
async def read_receipt(context: CurrentContext, raffle_id: UUID) -> Response:
    """Read the receipt of a locked raffle.

    It commits to the complete list of entries before the deciding round is known, and is signed with the key that the
    rules name. Tickets whose payment was disputed at the lock do not take part; `left_out` lists them.
    """

    async def query(tx: Transaction) -> ReceiptView:
        await visible_raffle(tx, context, raffle_id)
        lock = await prove_draws.receipt(tx, raffle_id)
        return ReceiptView.of(lock, await prove_draws.left_out(tx, raffle_id))

    return response(json_response(await context.transaction(query)))


@router.operation(
    "GET",
    "/raffles/{raffle_id}/entries",
    permission=READ_DRAWS,
    response_model=EntriesView | EntriesChunkView,
    errors=(RaffleUnknown, NotLocked),
    sends_finished_file=True,
)
async def read_entries(
    context: CurrentContext,
    raffle_id: UUID,
    after: Annotated[int, Query(ge=0, le=MOST_TICKETS, description="Only ticket numbers above this one")] = 0,
    limit: Annotated[
        int | None,
        Query(ge=1, le=MAX_ENTRIES, description="Maximum number of entries; missing: all"),
    ] = None,
) -> Response:
    """Read the locked list of entries.

    Ranges of ticket numbers, and the concatenated commits of the tickets. With `limit`, one part of the list: request
    the next part with `after` set to `next_after`, until that is null.
    """

    async def query(tx: Transaction) -> Json | None:
        await visible_raffle(tx, context, raffle_id)
        if limit is not None:
            return await entries_after(tx, raffle_id, after, limit=limit)
        await prove_draws.receipt(tx, raffle_id)
        return None

    document = await context.transaction(query)
    if document is not None:
        return response(_document(document))
    return await _file(context, f"entries-{raffle_id}", lambda tx: prove_draws.entries(tx, raffle_id))


@router.operation(
    "GET",
    "/raffles/{raffle_id}/winners",
    permission=READ_DRAWS,
    response_model=WinnersView,
    errors=(RaffleUnknown, NotDrawn),
)
async def list_winners(context: CurrentContext, raffle_id: UUID) -> Response:
    """List the winning tickets and the reserves.

    A prize that is not claimed in time, is declined, or whose winner is disqualified is passed on to the next reserve;
    the earlier winner stays in the list.
    """

    async def query(tx: Transaction) -> WinnersView:
        raffle = await visible_raffle(tx, context, raffle_id)
        winners = await prove_draws.winners(tx, raffle_id)
        return WinnersView(data=[WinnerView.of(winner, raffle.terms.prizes) for winner in winners])

    return response(json_response(await context.transaction(query)))


@router.operation(
    "GET",
    "/raffles/{raffle_id}/proof",
    permission=READ_DRAWS,
    response_model=ProofView | ProofHeadView | InclusionView,
    errors=(RaffleUnknown, NotDrawn, NotLocked, TicketNotEntered, ListChanged),
    sends_finished_file=True,
)
async def read_proof(
    context: CurrentContext,
    raffle_id: UUID,
    ticket: Annotated[int | None, Query(ge=1, le=MOST_TICKETS, description="Return the path of this ticket")] = None,
    entries: Annotated[bool, Query(description="False omits the entries, which can be read in parts")] = True,  # noqa: FBT002 - a query parameter
) -> Response:
    """Read the proof of a draw.

    A document from which anybody can recompute the winners offline: `python3 verify_draw.py proof.json`. With `ticket`,
    and already once the list is locked, the path that proves that this ticket is in the list.
    """

    async def query(tx: Transaction) -> Json | None:
        await visible_raffle(tx, context, raffle_id)
        if ticket is not None:
            return await inclusion(tx, raffle_id, ticket, trees=context.service(MerkleTreeCache))
        head = await prove_draws.proof(tx, raffle_id, with_entries=False)
        return None if entries else head

    document = await context.transaction(query)
    if document is not None:
        return response(_document(document))
    return await _file(context, f"proof-{raffle_id}", lambda tx: prove_draws.proof(tx, raffle_id))


async def _file(context: RequestContext, name: str, read: Callable[[Transaction], Awaitable[Json]]) -> Response:
    """Return a document that never changes, from its file; it is read from the database when it is requested first."""

    async def make() -> bytes:
        document = await context.transaction(read)
        return await asyncio.to_thread(orjson.dumps, document)

    opened = await context.service(DocumentFiles).open(name, make)
    return opened.response(known_tags=context.headers.get("if-none-match", ""))


def _document(document: Json) -> StoredResponse:
    """Return a response with the document as it is: it may be signed, and is too large for a schema."""
    return StoredResponse(200, orjson.dumps(document), {"content-type": "application/json"})
