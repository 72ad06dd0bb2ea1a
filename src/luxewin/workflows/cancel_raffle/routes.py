"""POST /raffles/{id}/cancel."""

from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, answer
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredAnswer
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import (
    CancellationBody,
    RaffleChanged,
    RaffleStateForbids,
    RaffleUnknown,
    RaffleView,
)

router = Router("raffles")
CANCEL_RAFFLES = staff("raffles.cancel")


@router.operation(
    "POST",
    "/raffles/{raffle_id}/cancel",
    permission=CANCEL_RAFFLES,
    answers=RaffleView,
    refuses=(RaffleUnknown, RaffleStateForbids, RaffleChanged, PreconditionFailed),
)
async def cancel_raffle(context: CurrentContext, raffle_id: UUID, body: CancellationBody) -> Response:
    """Cancel a raffle that is open.

    Sales end at once; every purchase is refunded, exactly once, within moments. What is locked cannot be cancelled.
    """

    async def effect(tx: Transaction) -> StoredAnswer:
        raffle = await raffles.find_raffle(tx, raffle_id)
        must_match(context, raffle.version)
        await raffles.cancel_raffle(tx, raffle, reason=body.reason)
        await tx.flush()
        sheet = await raffles.details_of(tx, await raffles.find_raffle(tx, raffle_id))
        return answer(RaffleView.of(sheet.raffle, sheet.rules))

    return await context.write(effect)
