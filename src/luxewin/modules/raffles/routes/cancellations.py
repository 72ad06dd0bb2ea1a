"""Cancelling a raffle after the lock: proposed by one of the staff, confirmed by another, visible to everybody."""

from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import everyone, staff
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.raffles import RaffleStatus
from luxewin.modules.raffles.errors import (
    CancellationDecided,
    CancellationUnknown,
    RaffleChanged,
    RaffleStateForbids,
    RaffleUnknown,
    TwoPeopleNeeded,
)
from luxewin.modules.raffles.routes.router import router
from luxewin.modules.raffles.routes.visible import visible_raffle
from luxewin.modules.raffles.schemas.cancellations import CancellationBody, CancellationView
from luxewin.modules.raffles.service import cancel_locked as service
from luxewin.modules.raffles.service.draw_raffles import rules_of

READ_CANCELLATIONS = everyone("raffles.cancellations.read")
DECIDE_CANCELLATIONS = staff("raffles.cancellations.decide")


@router.operation(
    "GET",
    "/raffles/{raffle_id}/cancellation",
    permission=READ_CANCELLATIONS,
    answers=CancellationView,
    refuses=(RaffleUnknown, CancellationUnknown),
)
async def read_cancellation(context: CurrentContext, raffle_id: UUID) -> Response:
    """Read why a locked raffle was cancelled, and who would have won.

    A proposal that nobody has confirmed is for staff alone.
    """
    return response(await context.read(lambda tx: _shown(tx, context, raffle_id)))


@router.operation(
    "POST",
    "/raffles/{raffle_id}/cancellation",
    permission=DECIDE_CANCELLATIONS,
    answers=CancellationView,
    status=201,
    refuses=(RaffleUnknown, RaffleStateForbids, CancellationDecided),
)
async def propose_cancellation(context: CurrentContext, raffle_id: UUID, body: CancellationBody) -> Response:
    """Propose to cancel a raffle whose list is locked.

    Nothing comes of it until another person confirms it, before the round is due. Everybody sees the reason then.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await visible_raffle(tx, context, raffle_id)
        if raffle.status is RaffleStatus.DRAFT:
            raise RaffleStateForbids(raffle_status=raffle.status)
        rules = await rules_of(tx, raffle_id)
        await service.propose_cancellation(tx, raffle, rules, reason=body.reason, by=_caller(context))
        await tx.flush()
        return await _shown(tx, context, raffle_id, status=201)

    return await context.write(effect)


@router.operation(
    "POST",
    "/raffles/{raffle_id}/cancellation/confirm",
    permission=DECIDE_CANCELLATIONS,
    answers=CancellationView,
    refuses=(
        RaffleUnknown,
        CancellationUnknown,
        TwoPeopleNeeded,
        CancellationDecided,
        RaffleStateForbids,
        RaffleChanged,
    ),
)
async def confirm_cancellation(context: CurrentContext, raffle_id: UUID) -> Response:
    """Confirm that a locked raffle is cancelled; whoever has proposed it cannot.

    Every purchase is refunded, exactly once, within moments. Nobody wins; what the round would have given is shown for
    ever.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await visible_raffle(tx, context, raffle_id)
        if raffle.status is RaffleStatus.DRAFT:
            raise CancellationUnknown
        await service.confirm_cancellation(tx, raffle, await rules_of(tx, raffle_id), by=_caller(context))
        await tx.flush()
        return await _shown(tx, context, raffle_id)

    return await context.write(effect)


async def _shown(tx: Transaction, context: RequestContext, raffle_id: UUID, *, status: int = 200) -> StoredResponse:
    await visible_raffle(tx, context, raffle_id)
    decision, outcome = await service.cancellation_of(tx, raffle_id)
    for_staff = context.principal.is_staff
    if not decision.is_confirmed and not for_staff:
        raise CancellationUnknown
    return json_response(CancellationView.of(raffle_id, decision, outcome, for_staff=for_staff), status=status)


def _caller(context: RequestContext) -> UUID:
    user_id = context.principal.user_id
    assert user_id is not None, "the permission demands an account"
    return user_id
