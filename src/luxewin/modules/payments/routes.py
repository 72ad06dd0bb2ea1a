"""What staff may see of payments, and the endpoints at which gateways tell us of them.

Paying, refunding and receiving a webhook are stories of their own.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext, answer, response
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredAnswer
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, Page
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
    opened_endpoint,
)
from luxewin.modules.payments.service import EndpointSecrets, NewEndpoint

router = Router("payments")
READ_PAYMENTS = staff("payments.read")
MANAGE_ENDPOINTS = staff("payments.webhook_endpoints.manage")

Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=500)]


@router.operation("GET", "/payments", permission=READ_PAYMENTS, answers=Page[PaymentView])
async def list_payments(
    context: CurrentContext,
    order_id: Annotated[UUID | None, Query(description="Only payments of this order")] = None,
    status: Annotated[AttemptStatus | None, Query(description="Only payments in this state")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List payments, newest first.

    Every attempt to pay an order is one; `quarantined` ones hold money that is not what was asked for, and wait for a
    person.
    """
    cursors, listing = context.service(Cursors), f"payments/{order_id}/{status}"
    place = cursors.read(cursor, tenant_id=context.tenant.id, listing=listing) if cursor else None
    before = (datetime.fromisoformat(place[0]), UUID(place[1])) if place else None
    found = await context.read(
        lambda tx: service.payment_page(tx, order_id=order_id, status=status, before=before, limit=limit + 1)
    )
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = cursors.sign([last.created_at, last.id], tenant_id=context.tenant.id, listing=listing)
    views = [PaymentView.of(attempt) for attempt in found[:limit]]
    return response(answer(Page[PaymentView](data=views, next_cursor=following)))


@router.operation(
    "POST",
    "/payments/webhook-endpoints",
    permission=MANAGE_ENDPOINTS,
    priority=Priority.MONEY,
    answers=OpenedWebhookEndpoint,
    status=201,
    refuses=(GatewayUnknown, GatewayUnavailable),
)
async def open_webhook_endpoint(context: CurrentContext, body: NewWebhookEndpoint) -> Response:
    """Open an endpoint for a gateway's webhooks.

    The answer holds the secret that the gateway signs with, this once; so it is never stored, and an `Idempotency-Key`
    is ignored. The simulator is told of its endpoint; at other gateways a person enters address and secret.
    """
    gateway = context.service(Gateways).named(body.gateway)
    context.key = None
    opened: list[NewEndpoint] = []

    async def effect(tx: Transaction) -> StoredAnswer:
        endpoint = service.open_endpoint(tx, context.service(EndpointSecrets), gateway=body.gateway)
        opened.append(endpoint)
        return answer(opened_endpoint(endpoint.id, endpoint.gateway, endpoint.secret, await tx.now()), status=201)

    shown = await context.write(effect)
    if not context.is_dry_run:
        await gateway.subscribe(
            str(context.tenant.id),
            endpoint_id=opened[-1].id,
            secret=opened[-1].secret,
            headers={"X-Tenant": context.tenant.slug},
        )
    return shown


@router.operation(
    "GET",
    "/payments/webhook-endpoints",
    permission=MANAGE_ENDPOINTS,
    priority=Priority.OWN,
    answers=Page[WebhookEndpointView],
)
async def list_webhook_endpoints(
    context: CurrentContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """List the open webhook endpoints, without their secrets."""
    cursors, listing = context.service(Cursors), "payments/webhook-endpoints"
    place = cursors.read(cursor, tenant_id=context.tenant.id, listing=listing) if cursor else None
    after = UUID(place[0]) if place else None
    found = await context.read(lambda tx: service.endpoints(tx, after=after, limit=limit + 1))
    more = len(found) > limit
    following = cursors.sign([found[limit - 1].id], tenant_id=context.tenant.id, listing=listing) if more else None
    views = [WebhookEndpointView.of(one.id, one.gateway, one.opened_at) for one in found[:limit]]
    return response(answer(Page[WebhookEndpointView](data=views, next_cursor=following)))


@router.operation(
    "DELETE",
    "/payments/webhook-endpoints/{endpoint_id}",
    permission=MANAGE_ENDPOINTS,
    priority=Priority.MONEY,
    status=204,
    refuses=(EndpointUnknown,),
)
async def retire_webhook_endpoint(context: CurrentContext, endpoint_id: UUID) -> Response:
    """Retire a webhook endpoint.

    Its secret is believed no more; what was received through it stays.
    """

    async def effect(tx: Transaction) -> StoredAnswer:
        service.retire_endpoint(tx, endpoint_id)
        return answer(None, status=204)

    return await context.write(effect)


@router.operation(
    "GET",
    "/payments/{payment_id}",
    permission=READ_PAYMENTS,
    priority=Priority.OWN,
    answers=PaymentDetail,
    refuses=(PaymentUnknown,),
)
async def read_payment(context: CurrentContext, payment_id: UUID) -> Response:
    """Read a payment with everything that happened to it."""
    sheet = await context.read(lambda tx: service.payment_sheet(tx, payment_id))
    view = PaymentDetail.told(sheet.attempt, sheet.events, sheet.refunds)
    return response(answer(view, ETag=f'"{view.version}"'))
