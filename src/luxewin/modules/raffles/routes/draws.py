"""What everybody may read of a draw: receipt and entries from the lock on, winners and proof from the draw on."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.raffles import MOST_TICKETS
from luxewin.modules.raffles.errors import ListChanged, NotDrawn, NotLocked, RaffleUnknown, TicketNotEntered
from luxewin.modules.raffles.public import Trees
from luxewin.modules.raffles.routes.router import router
from luxewin.modules.raffles.routes.visible import visible_raffle
from luxewin.modules.raffles.schemas.draws import (
    EntriesPieceView,
    EntriesView,
    InclusionView,
    ProofHeadView,
    ProofView,
    ReceiptView,
    WinnersView,
    WinnerView,
)
from luxewin.modules.raffles.service import prove_draws as service
from luxewin.modules.raffles.service import show_entries

READ_DRAWS = everyone("raffles.draws.read")


@router.operation(
    "GET",
    "/raffles/{raffle_id}/receipt",
    permission=READ_DRAWS,
    answers=ReceiptView,
    refuses=(RaffleUnknown, NotLocked),
)
async def read_receipt(context: CurrentContext, raffle_id: UUID) -> Response:
    """Read the receipt of a locked raffle.

    It commits to the whole list of entries before anybody can know the round that decides, and is signed with the key
    that the rules name.
    """

    async def question(tx: Transaction) -> ReceiptView:
        await visible_raffle(tx, context, raffle_id)
        return ReceiptView.of(await service.receipt(tx, raffle_id))

    return response(json_response(await context.read(question)))


@router.operation(
    "GET",
    "/raffles/{raffle_id}/entries",
    permission=READ_DRAWS,
    answers=EntriesView | EntriesPieceView,
    refuses=(RaffleUnknown, NotLocked),
)
async def read_entries(
    context: CurrentContext,
    raffle_id: UUID,
    after: Annotated[int, Query(ge=0, le=MOST_TICKETS, description="Only numbers above this one")] = 0,
    limit: Annotated[
        int | None, Query(ge=1, le=show_entries.MOST_SHOWN, description="A piece of so many; missing: the whole list")
    ] = None,
) -> Response:
    """Read the locked list of entries.

    Ranges of ticket numbers, and what each commits to, one behind the other. With `limit` it comes in pieces: go on
    `after` the number that `next_after` names, until that is null.
    """

    async def question(tx: Transaction) -> Json:
        await visible_raffle(tx, context, raffle_id)
        if limit is not None:
            return await show_entries.entries_after(tx, raffle_id, after, limit=limit)
        return await service.entries(tx, raffle_id)

    return response(_written(await context.read(question)))


@router.operation(
    "GET",
    "/raffles/{raffle_id}/winners",
    permission=READ_DRAWS,
    answers=WinnersView,
    refuses=(RaffleUnknown, NotDrawn),
)
async def list_winners(context: CurrentContext, raffle_id: UUID) -> Response:
    """List who won, by ticket number, and who is in reserve.

    Prizes that nobody claims in time, or that were refused, go to the next in reserve; all of it stays visible.
    """

    async def question(tx: Transaction) -> WinnersView:
        raffle = await visible_raffle(tx, context, raffle_id)
        winners = await service.winners(tx, raffle_id)
        return WinnersView(data=[WinnerView.of(winner, raffle.terms.prizes) for winner in winners])

    return response(json_response(await context.read(question)))


@router.operation(
    "GET",
    "/raffles/{raffle_id}/proof",
    permission=READ_DRAWS,
    answers=ProofView | ProofHeadView | InclusionView,
    refuses=(RaffleUnknown, NotDrawn, NotLocked, TicketNotEntered, ListChanged),
)
async def read_proof(
    context: CurrentContext,
    raffle_id: UUID,
    ticket: Annotated[int | None, Query(ge=1, le=MOST_TICKETS, description="Only that this ticket took part")] = None,
    entries: Annotated[bool, Query(description="False leaves them out, to be read in pieces")] = True,  # noqa: FBT002 - a query parameter
) -> Response:
    """Read the proof of a draw.

    One document from which anybody can recompute who won, offline: `python3 verify_draw.py proof.json`. With `ticket`,
    from the lock on, only the path that shows that this ticket is in the locked list.
    """

    async def question(tx: Transaction) -> Json:
        await visible_raffle(tx, context, raffle_id)
        if ticket is not None:
            return await show_entries.inclusion(tx, raffle_id, ticket, trees=context.service(Trees))
        return await service.proof(tx, raffle_id, with_entries=entries)

    return response(_written(await context.read(question)))


def _written(document: Json) -> StoredResponse:
    """Write a document as it is: it is signed, and may be large."""
    return StoredResponse(200, orjson.dumps(document), {"content-type": "application/json"})
