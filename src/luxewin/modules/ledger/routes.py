"""The routes by which staff read the ledger; only workflows write to it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.http.routing import Router
from luxewin.kit.pagination import BY_ID, BY_TIME, InvalidCursor, Page
from luxewin.modules.ledger import service
from luxewin.modules.ledger.domain import AccountKind
from luxewin.modules.ledger.schemas import AccountView, ProofView, TransferView

router = Router("ledger")
READ_LEDGER = staff("ledger.read")


@router.operation(
    "GET", "/ledger/accounts", permission=READ_LEDGER, response_model=Page[AccountView], errors=(InvalidCursor,)
)
async def list_ledger_accounts(
    context: CurrentContext,
    paging: Paging,
    kind: Annotated[AccountKind | None, Query(description="Only accounts of this kind")] = None,
) -> Response:
    """List the ledger's accounts with their balances.

    A balance is debits less credits: what the tenant owns is positive, what it owes or has earned negative.
    """
    page = await paginate(
        context,
        paging,
        listing=f"ledger/accounts/{kind}",
        keyset=BY_ID,
        fetch=lambda tx, after, limit: service.account_page(tx, kind=kind, after=after, limit=limit),
        key=lambda row: row["id"],
        view=AccountView.of,
    )
    return response(json_response(page))


@router.operation(
    "GET", "/ledger/transfers", permission=READ_LEDGER, response_model=Page[TransferView], errors=(InvalidCursor,)
)
async def list_ledger_transfers(
    context: CurrentContext,
    paging: Paging,
    cause_id: Annotated[UUID | None, Query(description="Only transfers of this order, payment, refund …")] = None,
) -> Response:
    """List transfers with their postings, newest first."""
    page = await paginate(
        context,
        paging,
        listing=f"ledger/transfers/{cause_id}",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: service.transfer_page(tx, cause_id=cause_id, before=before, limit=limit),
        key=lambda row: (row["posted_at"], row["id"]),
        view=TransferView.of,
    )
    return response(json_response(page))


@router.operation("GET", "/ledger/proof", permission=READ_LEDGER, response_model=ProofView)
async def prove_ledger(context: CurrentContext) -> Response:
    """Prove the ledger.

    Recomputes the trial balance, the ledger's invariants and the hash chain from the postings, and returns the first
    row that violates each.
    """
    return response(json_response(ProofView.of(await context.transaction(service.prove))))
