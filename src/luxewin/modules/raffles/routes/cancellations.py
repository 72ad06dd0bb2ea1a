"""Cancelling a locked raffle: proposed by one staff member, confirmed by another, visible to everybody."""

from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import everyone, staff
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.public import NotIndependent
from luxewin.modules.raffles.domain.raffles import RaffleStatus
from luxewin.modules.raffles.errors import (
    CancellationDecided,
    CancellationUnknown,
    RaffleChanged,
    RaffleStateForbids,
    RaffleUnknown,
    TwoPeopleNeeded,
)
from luxewin.modules.raffles.routes.confirming import confirmer_of
from luxewin.modules.raffles.routes.router import router
from luxewin.modules.raffles.routes.visible import visible_raffle
from luxewin.modules.raffles.schemas.cancellations import CancellationBody, CancellationView, ConfirmationBody
from luxewin.modules.raffles.service import cancel_locked_raffles as service
from luxewin.modules.raffles.service.read_raffles import rules_of

READ_CANCELLATIONS = everyone("raffles.cancellations.read")
DECIDE_CANCELLATIONS = staff("raffles.cancellations.decide")


@router.operation(
    "GET",
    "/raffles/{raffle_id}/cancellation",
    permission=READ_CANCELLATIONS,
    response_model=CancellationView,
    errors=(RaffleUnknown, CancellationUnknown),
)
async def read_cancellation(context: CurrentContext, raffle_id: UUID) -> Response:
    """Read why a locked raffle was cancelled, and who would have won.

    A proposal that is not confirmed is visible only to staff.
    """
    return response(await context.transaction(lambda tx: _respond(tx, context, raffle_id)))


@router.operation(
    "POST",
    "/raffles/{raffle_id}/cancellation",
    permission=DECIDE_CANCELLATIONS,
    response_model=CancellationView,
    status=201,
    errors=(RaffleUnknown, RaffleStateForbids, CancellationDecided),
)
async def propose_cancellation(context: CurrentContext, raffle_id: UUID, body: CancellationBody) -> Response:
    """Propose to cancel a raffle whose list is locked.

    It takes effect only when another person confirms it before the round is due; then everybody can see the reason.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await visible_raffle(tx, context, raffle_id)
        if raffle.status is RaffleStatus.DRAFT:
            raise RaffleStateForbids("A draft is deleted, not cancelled", raffle_status=raffle.status)
        rules = await rules_of(tx, raffle_id)
        await service.propose_cancellation(tx, raffle, rules, reason=body.reason, by=_caller(context))
        await tx.flush()
        return await _respond(tx, context, raffle_id, status=201)

    return await context.write(effect)


@router.operation(
    "POST",
    "/raffles/{raffle_id}/cancellation/confirm",
    permission=DECIDE_CANCELLATIONS,
    response_model=CancellationView,
    errors=(
        RaffleUnknown,
        CancellationUnknown,
        TwoPeopleNeeded,
        NotIndependent,
        CancellationDecided,
        RaffleStateForbids,
        RaffleChanged,
    ),
)
async def confirm_cancellation(
    context: CurrentContext, raffle_id: UUID, body: ConfirmationBody | None = None
) -> Response:
    """Confirm that a locked raffle is cancelled; the person who proposed it cannot.

    Neither of the two people may have created or changed the account of the other, and both accounts must be of some
    age; a super admin needs a reason, `break_glass`.

    Every purchase is refunded exactly once. Nobody wins; once the round is due, everybody can see who would have won.
    """
    confirmer = confirmer_of(context, body)

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await visible_raffle(tx, context, raffle_id)
        if raffle.status is RaffleStatus.DRAFT:
            raise CancellationUnknown
        await service.confirm_cancellation(tx, raffle, await rules_of(tx, raffle_id), by=confirmer)
        await tx.flush()
        return await _respond(tx, context, raffle_id)

    return await context.write(effect)


async def _respond(tx: Transaction, context: RequestContext, raffle_id: UUID, *, status: int = 200) -> StoredResponse:
    await visible_raffle(tx, context, raffle_id)
    cancellation, outcome = await service.cancellation_of(tx, raffle_id)
    for_staff = context.principal.is_staff
    if not cancellation.is_confirmed and not for_staff:
        raise CancellationUnknown
    return json_response(CancellationView.of(raffle_id, cancellation, outcome, for_staff=for_staff), status=status)


def _caller(context: RequestContext) -> UUID:
    user_id = context.principal.user_id
    assert user_id is not None, "the permission requires an account"
    return user_id
