"""POST /raffles/{id}/cancel."""

from functools import partial
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, json_response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.routing import Router
from luxewin.modules.raffles.public import (
    CancellationBody,
    RaffleChanged,
    RaffleStateForbids,
    RaffleUnknown,
    RaffleView,
)
from luxewin.workflows.cancel_raffle import workflow

router = Router("raffles")
CANCEL_RAFFLES = staff("raffles.cancel")


@router.operation(
    "POST",
    "/raffles/{raffle_id}/cancel",
    permission=CANCEL_RAFFLES,
    response_model=RaffleView,
    errors=(RaffleUnknown, RaffleStateForbids, RaffleChanged, PreconditionFailed),
)
async def cancel_raffle(context: CurrentContext, raffle_id: UUID, body: CancellationBody) -> Response:
    """Cancel a raffle that is open.

    Sales end at once, and every purchase is refunded once, within moments. A locked raffle cannot be cancelled here.
    """
    confirm = partial(must_match, context)
    return await context.write(
        lambda tx: workflow.cancel_raffle(tx, raffle_id, reason=body.reason, confirm=confirm),
        lambda cancelled: json_response(RaffleView.of(cancelled.raffle, cancelled.rules)),
    )
