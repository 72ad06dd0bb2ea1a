"""The routes by which staff read payments and manage webhook endpoints.

Paying, refunding and receiving webhooks are workflows with their own routes.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import BY_ID, BY_TIME, InvalidCursor, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import service
from luxewin.modules.payments.domain.attempts import AttemptStatus
from luxewin.modules.payments.errors import EndpointUnknown, GatewayUnavailable, GatewayUnknown, PaymentUnknown
from luxewin.modules.payments.gateways.protocol import Gateways
from luxewin.modules.payments.schemas import (
    NewWebhookEndpoint,
    OpenedWebhookEndpoint,
    PaymentDetail,
    PaymentView,
    WebhookEndpointView,
    opened_endpoint_view,
)
from luxewin.modules.payments.service import EndpointSecrets, NewEndpoint

router = Router("payments")
READ_PAYMENTS = staff("payments.read")
MANAGE_ENDPOINTS = staff("payments.webhook_endpoints.manage")


@router.operation(
    "GET", "/payments", permission=READ_PAYMENTS, response_model=Page[PaymentView], errors=(InvalidCursor,)
)
async def list_payments(
    context: CurrentContext,
    paging: Paging,
    order_id: Annotated[UUID | None, Query(description="Only payments of this order")] = None,
    status: Annotated[AttemptStatus | None, Query(description="Only payments in this state")] = None,
) -> Response:
    """List payments, newest first.

    Every attempt to pay an order is a payment. A `quarantined` payment holds an unexpected amount, which staff have to
    resolve.
    """
    page = await paginate(
        context,
        paging,
        listing=f"payments/{order_id}/{status}",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: service.payment_page(
            tx, order_id=order_id, status=status, before=before, limit=limit
        ),
        key=lambda attempt: (attempt.created_at, attempt.id),
        view=PaymentView.of,
    )
    return response(json_response(page))


@router.operation(
    "POST",
    "/payments/webhook-endpoints",
    permission=MANAGE_ENDPOINTS,
    priority=Priority.MONEY,
    response_model=OpenedWebhookEndpoint,
    status=201,
    errors=(GatewayUnknown, GatewayUnavailable),
)
async def open_webhook_endpoint(context: CurrentContext, body: NewWebhookEndpoint) -> Response:
    """Open an endpoint for a gateway's webhooks.

    Only this response contains the secret that the gateway signs with. It is not stored, so an `Idempotency-Key` is
    ignored. Gateways with an API for it, such as the simulator, are subscribed; at others, enter the address and the
    secret yourself.
    """
    gateway = context.service(Gateways).get(body.gateway)
    context.key = None
    opened: list[NewEndpoint] = []

    async def effect(tx: Transaction) -> StoredResponse:
        endpoint = service.open_endpoint(tx, context.service(EndpointSecrets), gateway=body.gateway)
        opened.append(endpoint)
        return json_response(
            opened_endpoint_view(endpoint.id, endpoint.gateway, endpoint.secret, await tx.now()), status=201
        )

    sent = await context.write(effect)
    if not context.is_dry_run:
        await gateway.subscribe(
            str(context.tenant.id),
            endpoint_id=opened[-1].id,
            secret=opened[-1].secret,
            headers={"X-Tenant": context.tenant.slug},
        )
    return sent


@router.operation(
    "GET",
    "/payments/webhook-endpoints",
    permission=MANAGE_ENDPOINTS,
    priority=Priority.OWN,
    response_model=Page[WebhookEndpointView],
    errors=(InvalidCursor,),
)
async def list_webhook_endpoints(context: CurrentContext, paging: Paging) -> Response:
    """List the open webhook endpoints, without their secrets."""
    page = await paginate(
        context,
        paging,
        listing="payments/webhook-endpoints",
        keyset=BY_ID,
        fetch=lambda tx, after, limit: service.endpoints(tx, after=after, limit=limit),
        key=lambda endpoint: endpoint.id,
        view=lambda endpoint: WebhookEndpointView.of(endpoint.id, endpoint.gateway, endpoint.opened_at),
    )
    return response(json_response(page))


@router.operation(
    "DELETE",
    "/payments/webhook-endpoints/{endpoint_id}",
    permission=MANAGE_ENDPOINTS,
    priority=Priority.MONEY,
    status=204,
    errors=(EndpointUnknown,),
)
async def retire_webhook_endpoint(context: CurrentContext, endpoint_id: UUID) -> Response:
    """Retire a webhook endpoint.

    Webhooks with its secret are refused from now on; those received before are not affected.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        service.retire_endpoint(tx, endpoint_id)
        return json_response(None, status=204)

    return await context.write(effect)


@router.operation(
    "GET",
    "/payments/{payment_id}",
    permission=READ_PAYMENTS,
    priority=Priority.OWN,
    response_model=PaymentDetail,
    errors=(PaymentUnknown,),
)
async def read_payment(context: CurrentContext, payment_id: UUID) -> Response:
    """Read a payment with its events and refunds."""
    details = await context.transaction(lambda tx: service.payment_details(tx, payment_id))
    view = PaymentDetail.with_history(details.attempt, details.events, details.refunds)
    return response(json_response(view, ETag=f'"{view.version}"'))
