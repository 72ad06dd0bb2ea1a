"""GET /events and GET /audit-log: the event log and the audit log of a tenant."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import ConfigDict, Field
from starlette.responses import Response

from luxewin.kit import audit_log
from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.fields import View
from luxewin.kit.http.routing import Router
from luxewin.kit.messaging.event_log import events_after
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, Page
from luxewin.kit.transaction import Transaction

router = Router("events")
READ_EVENTS = staff("events.read")
READ_AUDIT = staff("audit.read")
_LARGEST_SEQUENCE = 2**53 - 1


class EventView(View):
    """A domain event of the tenant, with its sequence number."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sequence": 42,
                    "id": "0199a1b2-7c00-7000-8000-000000000001",
                    "type": "identity.user_registered",
                    "schema_version": 1,
                    "aggregate_id": "0199a1b2-7c00-7000-8000-00000000000a",
                    "aggregate_version": 1,
                    "occurred_at": "2026-11-20T12:00:00Z",
                    "payload": {"role": "customer"},
                }
            ]
        }
    )

    sequence: int
    id: UUID
    type: str
    schema_version: int
    aggregate_id: UUID
    aggregate_version: int
    occurred_at: datetime
    payload: dict[str, Any]


class EventsView(View):
    """A part of the event log; continue with `after` set to `next_after`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [], "next_after": 42}]})

    data: list[EventView]
    next_after: int = Field(description="The last sequence returned, or that of the request where nothing is newer")


class AuditView(View):
    """An administrative or money change: who did what to what, and its position in the hash chain."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199a1b2-7c00-7000-8000-000000000002",
                    "at": "2026-11-20T12:00:00Z",
                    "actor": "user:0199a1b2-7c00-7000-8000-000000000003",
                    "action": "identity.user_created",
                    "target": "0199a1b2-7c00-7000-8000-00000000000a",
                    "before": None,
                    "after": {"role": "customer"},
                    "seal_number": 7,
                    "seal": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                }
            ]
        }
    )

    id: UUID
    at: datetime
    actor: str
    action: str
    target: str
    before: Any
    after: Any
    seal_number: int | None
    seal: str | None


@router.operation("GET", "/events", permission=READ_EVENTS, answers=EventsView)
async def read_events(
    context: CurrentContext,
    after: Annotated[int, Query(ge=0, le=_LARGEST_SEQUENCE, description="Return events after this sequence")] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> Response:
    """Read the event log.

    Events are numbered 1, 2, 3 … per tenant without a gap, so a client that stores the last sequence misses none.
    """

    async def query(tx: Transaction) -> EventsView:
        rows = await events_after(tx, after=after, limit=limit)
        events = [EventView(**row) for row in rows]
        return EventsView(data=events, next_after=events[-1].sequence if events else after)

    return response(json_response(await context.read(query)))


@router.operation("GET", "/audit-log", permission=READ_AUDIT, answers=Page[AuditView])
async def read_audit_log(
    context: CurrentContext,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Read the audit log, newest first.

    Every administrative and every money change has one row. Rows are sealed into a hash chain within seconds, which
    a changed or missing row breaks.
    """
    cursors = context.service(Cursors)
    position = cursors.read(cursor, tenant_id=context.tenant.id, listing="audit-log") if cursor else None
    before = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None

    async def query(tx: Transaction) -> Page[AuditView]:
        rows = await audit_log.page(tx, before=before, limit=limit + 1)
        entries = [AuditView(**row) for row in rows[:limit]]
        following = None
        if len(rows) > limit:
            following = cursors.sign([entries[-1].at, entries[-1].id], tenant_id=context.tenant.id, listing="audit-log")
        return Page[AuditView](data=entries, next_cursor=following)

    return response(json_response(await context.read(query)))
