"""Raffles, the caller's own tickets, and free entries."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone, signed_in, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.paging import Paging, paginate, paginate_with_queries
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import BY_TIME, InvalidCursor, Page, keyset
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory.public import SoldOut
from luxewin.modules.raffles.domain.raffles import PUBLIC, Raffle, RaffleStatus
from luxewin.modules.raffles.domain.tickets import Purchase
from luxewin.modules.raffles.errors import (
    AnchorMissing,
    ClosesEarlier,
    ClosesTooSoon,
    CurrencyNotSold,
    DelayTooShort,
    EntrantUnknown,
    Excluded,
    NoFreeEntry,
    NotEligible,
    PersonalLimitReached,
    PrizeUnavailable,
    RaffleChanged,
    RaffleNotOpen,
    RaffleSoldOut,
    RaffleStateForbids,
    RaffleUnknown,
    RescheduledTooFar,
    RescheduledTooLate,
    RescheduledTooOften,
    RulesNotAnchored,
    StaffExcluded,
)
from luxewin.modules.raffles.public import Beacons, ConfiguredAnchors, RaffleSecrets
from luxewin.modules.raffles.routes.router import router
from luxewin.modules.raffles.routes.visible import visible_raffle
from luxewin.modules.raffles.schemas.raffles import (
    RaffleBody,
    RaffleView,
    RescheduleBody,
)
from luxewin.modules.raffles.schemas.tickets import FreeEntryBody, FreeEntryView, TicketsView, TicketView
from luxewin.modules.raffles.service import (
    draft_raffles,
    publish_raffles,
    read_raffles,
    read_tickets,
    reschedule_raffles,
)
from luxewin.modules.raffles.service import record_free_entries as free_entries

READ_RAFFLES = everyone("raffles.read")
WRITE_RAFFLES = staff("raffles.write")
PUBLISH_RAFFLES = staff("raffles.publish")
RECORD_FREE_ENTRIES = staff("raffles.free_entries.record")
READ_OWN_TICKETS = signed_in("raffles.tickets.read")


@router.operation("GET", "/raffles", permission=READ_RAFFLES, response_model=Page[RaffleView], errors=(InvalidCursor,))
async def list_raffles(
    context: CurrentContext,
    paging: Paging,
    status: Annotated[RaffleStatus | None, Query(description="Only raffles with this status")] = None,
) -> Response:
    """List raffles, newest first.

    Staff see drafts too.
    """
    visible = frozenset(RaffleStatus) - {RaffleStatus.DELETED} if context.principal.is_staff else PUBLIC
    statuses = sorted(visible if status is None else visible & {status})
    page = await paginate(
        context,
        paging,
        listing=f"raffles/{'+'.join(statuses)}",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: read_raffles.list_raffles(tx, statuses=statuses, before=before, limit=limit),
        key=lambda details: (details.raffle.created_at, details.raffle.id),
        view=lambda details: RaffleView.of(details.raffle, details.rules),
    )
    return response(json_response(page))


@router.operation(
    "GET", "/raffles/{raffle_id}", permission=READ_RAFFLES, response_model=RaffleView, errors=(RaffleUnknown,)
)
async def read_raffle(context: CurrentContext, raffle_id: UUID) -> Response:
    """Read a raffle: its terms, its prizes and the current odds.

    A draft is visible only to staff.
    """
    return response(await context.transaction(lambda tx: _respond(tx, context, raffle_id)))


@router.operation(
    "POST",
    "/raffles",
    permission=WRITE_RAFFLES,
    response_model=RaffleView,
    status=201,
    errors=(CurrencyNotSold, PrizeUnavailable),
)
async def draft_raffle(context: CurrentContext, body: RaffleBody) -> Response:
    """Draft a raffle.

    A draft is visible only to staff, and can be changed until it is published.
    """
    body.must_agree_with(None)
    terms = body.terms(currency=context.tenant.currency, chain=context.service(Beacons).chain)

    async def effect(tx: Transaction) -> StoredResponse:
        draft = await draft_raffles.draft_raffle(tx, terms)
        return json_response(RaffleView.of(draft.raffle, draft.rules), status=201, ETag=f'"{draft.raffle.version}"')

    return await context.write(effect)


@router.operation(
    "PUT",
    "/raffles/{raffle_id}",
    permission=WRITE_RAFFLES,
    response_model=RaffleView,
    errors=(RaffleUnknown, RaffleStateForbids, RaffleChanged, CurrencyNotSold, PrizeUnavailable, PreconditionFailed),
)
async def redraft_raffle(context: CurrentContext, raffle_id: UUID, body: RaffleBody) -> Response:
    """Replace the terms of a draft.

    A published raffle cannot be changed. The response to a read is a valid body: read-only fields are ignored if they
    are unchanged, and refused otherwise.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await _find_matching(tx, context, raffle_id)
        if raffle.status is RaffleStatus.DRAFT:
            body.must_agree_with(RaffleView.of(raffle, ()))
        terms = body.terms(currency=context.tenant.currency, chain=context.service(Beacons).chain, before=raffle.terms)
        await draft_raffles.redraft_raffle(tx, raffle, terms)
        await tx.flush()
        return await _respond(tx, context, raffle_id)

    return await context.write(effect)


@router.operation(
    "DELETE",
    "/raffles/{raffle_id}",
    permission=WRITE_RAFFLES,
    status=204,
    errors=(RaffleUnknown, RaffleStateForbids, RaffleChanged, PreconditionFailed),
)
async def delete_raffle(context: CurrentContext, raffle_id: UUID) -> Response:
    """Delete a draft.

    A published raffle can only be cancelled.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        draft_raffles.delete_draft(tx, await _find_matching(tx, context, raffle_id))
        return json_response(None, status=204)

    return await context.write(effect)


@router.operation(
    "POST",
    "/raffles/{raffle_id}/publish",
    permission=PUBLISH_RAFFLES,
    response_model=RaffleView,
    errors=(
        RaffleUnknown,
        RaffleStateForbids,
        RaffleChanged,
        ClosesTooSoon,
        DelayTooShort,
        AnchorMissing,
        PrizeUnavailable,
        SoldOut,
        PreconditionFailed,
    ),
)
async def publish_raffle(context: CurrentContext, raffle_id: UUID) -> Response:
    """Publish a raffle: its rules are frozen, and its tickets can be bought.

    The rules name the round of the beacon that will decide, and the key that will sign; their hash is public from now
    on. Afterwards only the closing time can be moved later. Prizes that are product variants are held in stock.
    """
    anchor = await context.service(ConfiguredAnchors).rules()

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await _find_matching(tx, context, raffle_id)
        chain = context.service(Beacons).chain
        await publish_raffles.publish_raffle(
            tx, raffle, chain=chain, secrets=context.service(RaffleSecrets), anchor=anchor
        )
        await tx.flush()
        return await _respond(tx, context, raffle_id)

    return await context.write(effect)


@router.operation(
    "POST",
    "/raffles/{raffle_id}/postpone",
    permission=PUBLISH_RAFFLES,
    response_model=RaffleView,
    errors=(
        RaffleUnknown,
        RaffleNotOpen,
        RaffleChanged,
        ClosesEarlier,
        RescheduledTooFar,
        RescheduledTooOften,
        AnchorMissing,
        RulesNotAnchored,
        RescheduledTooLate,
        PreconditionFailed,
    ),
)
async def reschedule_raffle(context: CurrentContext, raffle_id: UUID, body: RescheduleBody) -> Response:
    """Reschedule a raffle to close later.

    This makes a new version of its rules, which contains the hash of the previous one and changes only the closing time
    and, with it, the round. All versions are part of the proof. If the rules promise an anchor, the new version has to
    be on the chain before the previous one closes, or the raffle is cancelled and every purchase refunded.
    """
    anchor = await context.service(ConfiguredAnchors).rules()

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await _find_matching(tx, context, raffle_id)
        await reschedule_raffles.reschedule_raffle(tx, raffle, body.closes_at.replace(microsecond=0), anchor=anchor)
        await tx.flush()
        return await _respond(tx, context, raffle_id)

    return await context.write(effect)


@router.operation(
    "GET",
    "/raffles/{raffle_id}/tickets",
    permission=READ_OWN_TICKETS,
    response_model=TicketsView,
    errors=(RaffleUnknown, InvalidCursor),
    holds_secrets=True,
)
async def list_own_tickets(context: CurrentContext, raffle_id: UUID, paging: Paging) -> Response:
    """List your tickets of a raffle by number, with the salts that open their commitments.

    Keep them: with the number and the salt you can verify offline, even years later, that your tickets took part.
    """
    entrant_id = context.principal.user_id
    assert entrant_id is not None, "the permission requires an account"

    async def views(tx: Transaction, numbers: Sequence[tuple[int, Purchase]]) -> list[TicketView]:
        await visible_raffle(tx, context, raffle_id)
        opened = await read_tickets.open_tickets(tx, numbers, secrets=context.service(RaffleSecrets))
        return [TicketView.of(ticket) for ticket in opened]

    page = await paginate_with_queries(
        context,
        paging,
        listing=f"raffles/{raffle_id}/tickets/{entrant_id}",
        keyset=keyset(int),
        fetch=lambda tx, after, limit: read_tickets.list_own_numbers(
            tx, raffle_id, entrant_id, after=after or 0, limit=limit
        ),
        key=lambda row: row[0],
        views=views,
    )
    return response(json_response(TicketsView(raffle_id=raffle_id, data=page.data, next_cursor=page.next_cursor)))


@router.operation(
    "POST",
    "/raffles/{raffle_id}/free-entries",
    permission=RECORD_FREE_ENTRIES,
    response_model=FreeEntryView,
    status=201,
    errors=(
        RaffleUnknown,
        NoFreeEntry,
        EntrantUnknown,
        StaffExcluded,
        RaffleNotOpen,
        RaffleSoldOut,
        PersonalLimitReached,
        Excluded,
        NotEligible,
    ),
)
async def record_free_entry(context: CurrentContext, raffle_id: UUID, body: FreeEntryBody) -> Response:
    """Record a free entry that arrived by post.

    Its tickets are like paid ones: they get the next numbers, count towards the capacity and the per-person limit, and
    cannot be distinguished in the published list.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        entry = await free_entries.record_free_entry(
            tx,
            await visible_raffle(tx, context, raffle_id),
            entrant_id=body.entrant_id,
            quantity=body.quantity,
            reference=body.reference,
            secrets=context.service(RaffleSecrets),
        )
        return json_response(FreeEntryView.of(entry), status=201)

    return await context.write(effect)


async def _find_matching(tx: Transaction, context: CurrentContext, raffle_id: UUID) -> Raffle:
    raffle = await read_raffles.find_raffle(tx, raffle_id)
    must_match(context, raffle.version)
    return raffle


async def _respond(tx: Transaction, context: CurrentContext, raffle_id: UUID) -> StoredResponse:
    details = await read_raffles.details_of(tx, await visible_raffle(tx, context, raffle_id))
    counts = details.raffle.counts
    tag = f'"{details.raffle.version}-{counts.sold}.{counts.held}.{counts.voided}"'
    return json_response(RaffleView.of(details.raffle, details.rules), ETag=tag)
