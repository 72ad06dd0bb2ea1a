"""The routes by which staff read the ledger; only workflows write to it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.routing import Router
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, Page
from luxewin.modules.ledger import service
from luxewin.modules.ledger.domain import AccountKind
from luxewin.modules.ledger.schemas import AccountView, ProofView, TransferView

router = Router("ledger")
READ_LEDGER = staff("ledger.read")

Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=500)]


@router.operation("GET", "/ledger/accounts", permission=READ_LEDGER, answers=Page[AccountView])
async def list_ledger_accounts(
    context: CurrentContext,
    kind: Annotated[AccountKind | None, Query(description="Only accounts of this kind")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the ledger's accounts with their balances.

    A balance is debits less credits: what the tenant owns is positive, what it owes or has earned negative.
    """
    cursors, listing = context.service(Cursors), f"ledger/accounts/{kind}"
    position = cursors.read(cursor, tenant_id=context.tenant.id, listing=listing) if cursor else None
    after = UUID(position[0]) if position else None
    rows = await context.read(lambda tx: service.account_page(tx, kind=kind, after=after, limit=limit + 1))
    more = len(rows) > limit
    next_cursor = cursors.sign([rows[limit - 1]["id"]], tenant_id=context.tenant.id, listing=listing) if more else None
    views = [AccountView.of(row) for row in rows[:limit]]
    return response(json_response(Page[AccountView](data=views, next_cursor=next_cursor)))


@router.operation("GET", "/ledger/transfers", permission=READ_LEDGER, answers=Page[TransferView])
async def list_ledger_transfers(
    context: CurrentContext,
    cause_id: Annotated[UUID | None, Query(description="Only transfers of this order, payment, refund …")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List transfers with their postings, newest first."""
    cursors, listing = context.service(Cursors), f"ledger/transfers/{cause_id}"
    position = cursors.read(cursor, tenant_id=context.tenant.id, listing=listing) if cursor else None
    before = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
    rows = await context.read(lambda tx: service.transfer_page(tx, cause_id=cause_id, before=before, limit=limit + 1))
    next_cursor = None
    if len(rows) > limit:
        last = rows[limit - 1]
        next_cursor = cursors.sign([last["posted_at"], last["id"]], tenant_id=context.tenant.id, listing=listing)
    views = [TransferView.of(row) for row in rows[:limit]]
    return response(json_response(Page[TransferView](data=views, next_cursor=next_cursor)))


@router.operation("GET", "/ledger/proof", permission=READ_LEDGER, answers=ProofView)
async def prove_ledger(context: CurrentContext) -> Response:
    """Prove the ledger.

    Recomputes the trial balance, the ledger's invariants and the hash chain from the postings, and returns the first
    row that violates each.
    """
    return response(json_response(ProofView.of(await context.read(service.prove))))
