"""What winners and staff do about prizes once a raffle is drawn, and tickets that two of the staff skip."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from luxewin.kit.access import signed_in, staff
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.raffles import MOST_PRIZES, MOST_TICKETS, Raffle, RaffleStatus
from luxewin.modules.raffles.errors import (
    AlreadyClaimed,
    ClaimOver,
    ClaimUnknown,
    NotDrawn,
    RaffleChanged,
    RaffleStateForbids,
    RaffleUnknown,
    SkipDecided,
    SkipUnknown,
    TicketNotEntered,
    TwoPeopleNeeded,
)
from luxewin.modules.raffles.routes.router import router
from luxewin.modules.raffles.routes.visible import visible_raffle
from luxewin.modules.raffles.schemas.claims import ClaimsView, ClaimView, HandOverBody, SkipBody, SkipsView, SkipView
from luxewin.modules.raffles.service import claim_prizes as service
from luxewin.modules.raffles.service import skip_tickets
from luxewin.modules.raffles.service.draw_raffles import rules_of
from luxewin.modules.raffles.service.keep_raffles import must_be_drawn

READ_CLAIMS = signed_in("raffles.claims.read")
DECLINE_PRIZES = signed_in("raffles.claims.decline")
HAND_OVER_PRIZES = staff("raffles.claims.hand_over")
READ_SKIPS = staff("raffles.skips.read")
DECIDE_SKIPS = staff("raffles.skips.decide")

PrizePlace = Annotated[int, Path(ge=1, le=MOST_PRIZES, description="Its place among the prizes")]
TicketNumber = Annotated[int, Path(ge=1, le=MOST_TICKETS)]


@router.operation(
    "GET",
    "/raffles/{raffle_id}/claims",
    permission=READ_CLAIMS,
    answers=ClaimsView,
    refuses=(RaffleUnknown,),
)
async def list_claims(context: CurrentContext, raffle_id: UUID) -> Response:
    """List the prizes that you have won in a raffle, and until when you may claim them.

    Staff see everybody's.
    """

    async def question(tx: Transaction) -> ClaimsView:
        raffle = await visible_raffle(tx, context, raffle_id)
        entrant_id = None if context.principal.is_staff else _caller(context)
        winners = await service.list_claims(tx, raffle_id, entrant_id=entrant_id)
        return ClaimsView(
            data=[ClaimView.of(raffle_id, winner, service.prize_of(raffle, winner)) for winner in winners]
        )

    return response(json_response(await context.read(question)))


@router.operation(
    "POST",
    "/raffles/{raffle_id}/claims/{prize}/decline",
    permission=DECLINE_PRIZES,
    answers=ClaimView,
    refuses=(RaffleUnknown, NotDrawn, ClaimUnknown, AlreadyClaimed, ClaimOver, RaffleChanged),
)
async def decline_prize(context: CurrentContext, raffle_id: UUID, prize: PrizePlace) -> Response:
    """Decline a prize that you have won.

    It goes to the next ticket in reserve at once, and cannot be had back.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = must_be_drawn(await visible_raffle(tx, context, raffle_id))
        winner = await service.own_claim(tx, raffle_id, prize, entrant_id=_caller(context))
        await service.decline_prize(tx, raffle, winner)
        await tx.flush()
        declined = await service.own_claim(tx, raffle_id, prize, entrant_id=_caller(context))
        return json_response(ClaimView.of(raffle_id, declined, service.prize_of(raffle, declined)))

    return await context.write(effect)


@router.operation(
    "POST",
    "/raffles/{raffle_id}/claims/{prize}/hand-over",
    permission=HAND_OVER_PRIZES,
    answers=ClaimView,
    refuses=(RaffleUnknown, NotDrawn, ClaimUnknown, ClaimOver, RaffleChanged),
)
async def hand_over_prize(context: CurrentContext, raffle_id: UUID, prize: PrizePlace, body: HandOverBody) -> Response:
    """Record that a claimed prize was handed over.

    For prizes that no order ships: money, a journey, something that is picked up.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = must_be_drawn(await visible_raffle(tx, context, raffle_id))
        await service.hand_over(tx, raffle, prize, note=body.note)
        await tx.flush()
        winner = service.current(await service.list_claims(tx, raffle_id, entrant_id=None), prize)
        return json_response(ClaimView.of(raffle_id, winner, service.prize_of(raffle, winner)))

    return await context.write(effect)


@router.operation(
    "GET", "/raffles/{raffle_id}/skips", permission=READ_SKIPS, answers=SkipsView, refuses=(RaffleUnknown,)
)
async def list_skips(context: CurrentContext, raffle_id: UUID) -> Response:
    """List the tickets that were proposed to be skipped, and which of them were confirmed."""

    async def question(tx: Transaction) -> SkipsView:
        await visible_raffle(tx, context, raffle_id)
        return SkipsView(data=[SkipView.of(one) for one in await skip_tickets.list_skips(tx, raffle_id)])

    return response(json_response(await context.read(question)))


@router.operation(
    "POST",
    "/raffles/{raffle_id}/skips",
    permission=DECIDE_SKIPS,
    answers=SkipView,
    status=201,
    refuses=(RaffleUnknown, RaffleStateForbids, TicketNotEntered, SkipDecided),
)
async def propose_skip(context: CurrentContext, raffle_id: UUID, body: SkipBody) -> Response:
    """Propose to skip a ticket, for one of the reasons that the protocol knows.

    Nothing comes of it until another person confirms it. Everybody sees the reason, and only staff the note.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await _published(tx, context, raffle_id)
        proposal = await skip_tickets.propose_skip(
            tx,
            raffle,
            await rules_of(tx, raffle_id),
            number=body.number,
            reason=body.skip_reason,
            note=body.note,
            by=_caller(context),
        )
        return json_response(SkipView.of(proposal), status=201)

    return await context.write(effect)


@router.operation(
    "POST",
    "/raffles/{raffle_id}/skips/{number}/confirm",
    permission=DECIDE_SKIPS,
    answers=SkipView,
    refuses=(RaffleUnknown, SkipUnknown, TwoPeopleNeeded, SkipDecided, RaffleStateForbids, ClaimOver, RaffleChanged),
)
async def confirm_skip(context: CurrentContext, raffle_id: UUID, number: TicketNumber) -> Response:
    """Confirm that a ticket is skipped; whoever has proposed it cannot.

    Before the round, the draw passes over it, and the proof names reason and number of people. Of a ticket that has
    won, the prize goes to the next one in reserve.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await _published(tx, context, raffle_id)
        rules = await rules_of(tx, raffle_id)
        await skip_tickets.confirm_skip(tx, raffle, rules, number=number, by=_caller(context))
        await tx.flush()
        (decided,) = [one for one in await skip_tickets.list_skips(tx, raffle_id) if one.number == number]
        return json_response(SkipView.of(decided))

    return await context.write(effect)


async def _published(tx: Transaction, context: RequestContext, raffle_id: UUID) -> Raffle:
    raffle = await visible_raffle(tx, context, raffle_id)
    if raffle.status is RaffleStatus.DRAFT:
        raise RaffleStateForbids(raffle_status=raffle.status)
    return raffle


def _caller(context: RequestContext) -> UUID:
    user_id = context.principal.user_id
    assert user_id is not None, "the permission demands an account"
    return user_id
