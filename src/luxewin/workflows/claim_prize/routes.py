"""POST /raffles/{id}/claims."""

from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import signed_in
from luxewin.kit.http.context import CurrentContext, json_response
from luxewin.kit.http.routing import Router
from luxewin.modules.raffles.public import (
    AddressRequired,
    AlreadyClaimed,
    ClaimOver,
    ClaimUnknown,
    ClaimView,
    NewClaim,
    NotDrawn,
    PrizePaymentDisputed,
    RaffleChanged,
    RaffleUnknown,
)
from luxewin.modules.shipping.public import DestinationNotServed, ShippingMethodUnknown
from luxewin.workflows.claim_prize.workflow import claim_prize

router = Router("raffles")
CLAIM_PRIZES = signed_in("raffles.claims.claim")


@router.operation(
    "POST",
    "/raffles/{raffle_id}/claims",
    permission=CLAIM_PRIZES,
    response_model=ClaimView,
    status=201,
    errors=(
        RaffleUnknown,
        NotDrawn,
        ClaimUnknown,
        AlreadyClaimed,
        ClaimOver,
        PrizePaymentDisputed,
        AddressRequired,
        ShippingMethodUnknown,
        DestinationNotServed,
        RaffleChanged,
    ),
)
async def claim_prize_of_raffle(context: CurrentContext, raffle_id: UUID, body: NewClaim) -> Response:
    """Claim a prize that you have won.

    A product of the catalogue is ordered at once, free of charge, and sent to the address; the shop hands over any
    other prize. After `claim_by` the prize goes to the next ticket in reserve.
    """
    user_id = context.principal.user_id
    assert user_id is not None, "the permission requires an account"
    return await context.write(
        lambda tx: claim_prize(tx, raffle_id, body, user_id=user_id),
        lambda claimed: json_response(ClaimView.of(raffle_id, claimed.winner, claimed.prize), status=201),
    )
