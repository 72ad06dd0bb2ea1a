"""POST /payments/webhooks/{gateway}/{endpoint_id}."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request
from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.http.context import CurrentContext
from luxewin.kit.http.patterns import Pattern
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.modules.payments.public import EndpointUnknown, GatewayUnknown, WebhookRefused
from luxewin.workflows.receive_webhook.workflow import receive_webhook

GatewayName = Annotated[
    str,
    Path(max_length=50),
    Pattern(r"^[a-z][a-z0-9_]*$", "must be the name of a gateway in lower case, such as simulator"),
]
router = Router("payments", priority=Priority.MONEY)
RECEIVE_WEBHOOK = everyone("payments.webhooks.receive")


@router.operation(
    "POST",
    "/payments/webhooks/{gateway}/{endpoint_id}",
    permission=RECEIVE_WEBHOOK,
    status=204,
    errors=(EndpointUnknown, GatewayUnknown, WebhookRefused),
)
async def receive_gateway_webhook(
    context: CurrentContext,
    request: Request,
    gateway: GatewayName,
    endpoint_id: UUID,
) -> Response:
    """Receive a payment gateway's webhook.

    The gateway signs each webhook with the endpoint's secret. It is stored before the response, and applied once,
    however often and in whatever order webhooks arrive. It is only a hint: the gateway is asked about the payment, and
    only its answer is booked. Only gateways call this.
    """
    headers = dict(request.headers)
    await receive_webhook(
        context, gateway_name=gateway, endpoint_id=endpoint_id, headers=headers, body=await request.body()
    )
    return Response(status_code=204)
