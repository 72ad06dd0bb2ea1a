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
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.http.routing import Router
from luxewin.kit.messaging.event_log import events_after
from luxewin.kit.pagination import BY_TIME, DEFAULT_LIMIT, LARGEST_LIMIT, InvalidCursor, Page
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
                    "payload": {"role": "admin"},
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
    next_after: int = Field(description="The last sequence returned, or the requested one if nothing is newer")


class AuditView(View):
    """An administrative or financial change: its actor, action and target, and its position in the hash chain."""

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
                    "after": {"role": "admin"},
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


@router.operation("GET", "/events", permission=READ_EVENTS, response_model=EventsView)
async def read_events(
    context: CurrentContext,
    after: Annotated[int, Query(ge=0, le=_LARGEST_SEQUENCE, description="Return events after this sequence")] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> Response:
    """Read the event log.

    The sequence of a tenant's events is 1, 2, 3 … without gaps, so a client that stores the last one misses nothing.
    """

    async def read(tx: Transaction) -> EventsView:
        rows = await events_after(tx, after=after, limit=limit)
        events = [EventView(**row) for row in rows]
        return EventsView(data=events, next_after=events[-1].sequence if events else after)

    return response(json_response(await context.transaction(read)))


@router.operation("GET", "/audit-log", permission=READ_AUDIT, response_model=Page[AuditView], errors=(InvalidCursor,))
async def read_audit_log(context: CurrentContext, paging: Paging) -> Response:
    """Read the audit log, newest first.

    Every administrative change and every change of money has one entry. Entries join a hash chain within seconds; a
    changed or missing entry breaks the chain.
    """
    page = await paginate(
        context,
        paging,
        listing="audit-log",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: audit_log.page(tx, before=before, limit=limit),
        key=lambda row: (row["at"], row["id"]),
        view=lambda row: AuditView(**row),
    )
    return response(json_response(page))
