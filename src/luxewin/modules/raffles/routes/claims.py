"""Claims of prizes, and disqualifications of tickets."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from luxewin.kit.access import signed_in, staff
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.public import NotIndependent
from luxewin.modules.raffles.domain.raffles import MOST_PRIZES, MOST_TICKETS, Raffle, RaffleStatus
from luxewin.modules.raffles.errors import (
    AlreadyClaimed,
    ClaimOver,
    ClaimUnknown,
    DisqualificationDecided,
    DisqualificationUnknown,
    NotDrawn,
    RaffleChanged,
    RaffleStateForbids,
    RaffleUnknown,
    TicketNotEntered,
    TwoPeopleNeeded,
)
from luxewin.modules.raffles.routes.confirming import confirmer_of
from luxewin.modules.raffles.routes.router import router
from luxewin.modules.raffles.routes.visible import visible_raffle
from luxewin.modules.raffles.schemas.cancellations import ConfirmationBody
from luxewin.modules.raffles.schemas.claims import (
    ClaimsView,
    ClaimView,
    DisqualificationBody,
    DisqualificationsView,
    DisqualificationView,
    HandOverBody,
)
from luxewin.modules.raffles.service import claim_prizes as service
from luxewin.modules.raffles.service import disqualify_tickets
from luxewin.modules.raffles.service.read_raffles import must_be_drawn, rules_of

READ_CLAIMS = signed_in("raffles.claims.read")
DECLINE_PRIZES = signed_in("raffles.claims.decline")
HAND_OVER_PRIZES = staff("raffles.claims.hand_over")
READ_DISQUALIFICATIONS = staff("raffles.skips.read")
DECIDE_DISQUALIFICATIONS = staff("raffles.skips.decide")

PrizePosition = Annotated[int, Path(ge=1, le=MOST_PRIZES, description="Position of the prize, from 1")]
TicketNumber = Annotated[int, Path(ge=1, le=MOST_TICKETS)]


@router.operation(
    "GET",
    "/raffles/{raffle_id}/claims",
    permission=READ_CLAIMS,
    response_model=ClaimsView,
    errors=(RaffleUnknown,),
)
async def list_claims(context: CurrentContext, raffle_id: UUID) -> Response:
    """List the prizes that you have won in a raffle, and until when you can claim them.

    Staff see the prizes of all winners.
    """

    async def query(tx: Transaction) -> ClaimsView:
        raffle = await visible_raffle(tx, context, raffle_id)
        entrant_id = None if context.principal.is_staff else _caller(context)
        winners = await service.list_claims(tx, raffle_id, entrant_id=entrant_id)
        return ClaimsView(
            data=[ClaimView.of(raffle_id, winner, service.prize_of(raffle, winner)) for winner in winners]
        )

    return response(json_response(await context.transaction(query)))


@router.operation(
    "POST",
    "/raffles/{raffle_id}/claims/{prize}/decline",
    permission=DECLINE_PRIZES,
    response_model=ClaimView,
    errors=(RaffleUnknown, NotDrawn, ClaimUnknown, AlreadyClaimed, ClaimOver, RaffleChanged),
)
async def decline_prize(context: CurrentContext, raffle_id: UUID, prize: PrizePosition) -> Response:
    """Decline a prize that you have won.

    It is passed on to the next reserve at once; this cannot be undone.
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
    response_model=ClaimView,
    errors=(RaffleUnknown, NotDrawn, ClaimUnknown, ClaimOver, RaffleChanged),
)
async def hand_over_prize(
    context: CurrentContext, raffle_id: UUID, prize: PrizePosition, body: HandOverBody
) -> Response:
    """Record that a claimed prize was handed over.

    For prizes that no order ships, such as money, a trip, or a prize that is picked up.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = must_be_drawn(await visible_raffle(tx, context, raffle_id))
        await service.hand_over(tx, raffle, prize, note=body.note)
        await tx.flush()
        winner = service.current_winner(await service.list_claims(tx, raffle_id, entrant_id=None), prize)
        return json_response(ClaimView.of(raffle_id, winner, service.prize_of(raffle, winner)))

    return await context.write(effect)


@router.operation(
    "GET",
    "/raffles/{raffle_id}/skips",
    permission=READ_DISQUALIFICATIONS,
    response_model=DisqualificationsView,
    errors=(RaffleUnknown,),
)
async def list_disqualifications(context: CurrentContext, raffle_id: UUID) -> Response:
    """List the proposed and confirmed disqualifications of tickets."""

    async def query(tx: Transaction) -> DisqualificationsView:
        await visible_raffle(tx, context, raffle_id)
        return DisqualificationsView(
            data=[
                DisqualificationView.of(found)
                for found in await disqualify_tickets.list_disqualifications(tx, raffle_id)
            ]
        )

    return response(json_response(await context.transaction(query)))


@router.operation(
    "POST",
    "/raffles/{raffle_id}/skips",
    permission=DECIDE_DISQUALIFICATIONS,
    response_model=DisqualificationView,
    status=201,
    errors=(RaffleUnknown, RaffleStateForbids, TicketNotEntered, DisqualificationDecided),
)
async def propose_disqualification(context: CurrentContext, raffle_id: UUID, body: DisqualificationBody) -> Response:
    """Propose to disqualify a ticket, for one of the reasons of the draw protocol.

    It takes effect only when another person confirms it. The reason is public; the note is visible only to staff.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await _find_published(tx, context, raffle_id)
        proposal = await disqualify_tickets.propose_disqualification(
            tx,
            raffle,
            await rules_of(tx, raffle_id),
            number=body.number,
            reason=body.skip_reason,
            note=body.note,
            by=_caller(context),
        )
        return json_response(DisqualificationView.of(proposal), status=201)

    return await context.write(effect)


@router.operation(
    "POST",
    "/raffles/{raffle_id}/skips/{number}/confirm",
    permission=DECIDE_DISQUALIFICATIONS,
    response_model=DisqualificationView,
    errors=(
        RaffleUnknown,
        DisqualificationUnknown,
        TwoPeopleNeeded,
        NotIndependent,
        DisqualificationDecided,
        RaffleStateForbids,
        ClaimOver,
        RaffleChanged,
    ),
)
async def confirm_disqualification(
    context: CurrentContext, raffle_id: UUID, number: TicketNumber, body: ConfirmationBody | None = None
) -> Response:
    """Confirm that a ticket is disqualified; the person who proposed it cannot.

    Neither of the two people may have created or changed the account of the other, and both accounts must be of some
    age; a super admin needs a reason, `break_glass`.

    Before the round is due: the draw skips the ticket, and the proof contains the reason and the number of people. If
    the ticket has won, its prize is passed on to the next reserve.
    """
    confirmer = confirmer_of(context, body)

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await _find_published(tx, context, raffle_id)
        rules = await rules_of(tx, raffle_id)
        await disqualify_tickets.confirm_disqualification(tx, raffle, rules, number=number, by=confirmer)
        await tx.flush()
        found = await disqualify_tickets.list_disqualifications(tx, raffle_id)
        (decided,) = [disqualification for disqualification in found if disqualification.number == number]
        return json_response(DisqualificationView.of(decided))

    return await context.write(effect)


async def _find_published(tx: Transaction, context: RequestContext, raffle_id: UUID) -> Raffle:
    raffle = await visible_raffle(tx, context, raffle_id)
    if raffle.status is RaffleStatus.DRAFT:
        raise RaffleStateForbids("A draft has no tickets", raffle_status=raffle.status)
    return raffle


def _caller(context: RequestContext) -> UUID:
    user_id = context.principal.user_id
    assert user_id is not None, "the permission requires an account"
    return user_id
