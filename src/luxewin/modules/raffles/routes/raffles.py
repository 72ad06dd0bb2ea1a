"""Drafting, publishing and reading raffles, and the caller's own tickets."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone, signed_in, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory.public import SoldOut
from luxewin.modules.raffles.domain.raffles import PUBLIC, Raffle, RaffleStatus
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
    PostponedTooFar,
    PostponedTooLate,
    PostponedTooOften,
    PrizeUnavailable,
    RaffleChanged,
    RaffleNotOpen,
    RaffleSoldOut,
    RaffleStateForbids,
    RaffleUnknown,
    RulesNotAnchored,
    StaffExcluded,
)
from luxewin.modules.raffles.public import Beacons, OfferedAnchors, RaffleSecrets
from luxewin.modules.raffles.routes.router import router
from luxewin.modules.raffles.routes.visible import visible_raffle
from luxewin.modules.raffles.schemas.raffles import (
    PostponementBody,
    RaffleBody,
    RaffleView,
)
from luxewin.modules.raffles.schemas.tickets import FreeEntryBody, FreeEntryView, TicketsView, TicketView
from luxewin.modules.raffles.service import keep_raffles as service
from luxewin.modules.raffles.service.enter_free import enter_free
from luxewin.modules.raffles.service.read_tickets import own_tickets_in

READ_RAFFLES = everyone("raffles.read")
WRITE_RAFFLES = staff("raffles.write")
PUBLISH_RAFFLES = staff("raffles.publish")
RECORD_FREE_ENTRIES = staff("raffles.free_entries.record")
READ_OWN_TICKETS = signed_in("raffles.tickets.read")


@router.operation("GET", "/raffles", permission=READ_RAFFLES, answers=Page[RaffleView])
async def list_raffles(
    context: CurrentContext,
    status: Annotated[RaffleStatus | None, Query(description="Only raffles in this state")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List raffles, newest first.

    Staff see drafts too.
    """
    cursors = context.service(Cursors)
    visible = frozenset(RaffleStatus) - {RaffleStatus.DELETED} if context.principal.is_staff else PUBLIC
    statuses = sorted(visible if status is None else visible & {status})
    listing = f"raffles/{'+'.join(statuses)}"
    place = cursors.read(cursor, tenant_id=context.tenant.id, listing=listing) if cursor else None
    before = (datetime.fromisoformat(place[0]), UUID(place[1])) if place else None
    sheets = await context.read(lambda tx: service.list_raffles(tx, statuses=statuses, before=before, limit=limit + 1))
    following = None
    if len(sheets) > limit:
        last = sheets[limit - 1].raffle
        following = cursors.sign([last.created_at, last.id], tenant_id=context.tenant.id, listing=listing)
    views = [RaffleView.of(sheet.raffle, sheet.rules) for sheet in sheets[:limit]]
    return response(json_response(Page[RaffleView](data=views, next_cursor=following)))


@router.operation("GET", "/raffles/{raffle_id}", permission=READ_RAFFLES, answers=RaffleView, refuses=(RaffleUnknown,))
async def read_raffle(context: CurrentContext, raffle_id: UUID) -> Response:
    """Read a raffle: what it promises, what can be won, and the odds of this moment.

    A draft is there for staff alone.
    """
    return response(await context.read(lambda tx: _shown(tx, context, raffle_id)))


@router.operation(
    "POST",
    "/raffles",
    permission=WRITE_RAFFLES,
    answers=RaffleView,
    status=201,
    refuses=(CurrencyNotSold, PrizeUnavailable),
)
async def draft_raffle(context: CurrentContext, body: RaffleBody) -> Response:
    """Draft a raffle.

    Nothing is promised until it is published, and nobody but staff sees it.
    """
    terms = body.terms(currency=context.tenant.currency, chain=context.service(Beacons).chain)

    async def effect(tx: Transaction) -> StoredResponse:
        sheet = await service.draft_raffle(tx, terms)
        return json_response(RaffleView.of(sheet.raffle, sheet.rules), status=201, ETag=f'"{sheet.raffle.version}"')

    return await context.write(effect)


@router.operation(
    "PUT",
    "/raffles/{raffle_id}",
    permission=WRITE_RAFFLES,
    answers=RaffleView,
    refuses=(RaffleUnknown, RaffleStateForbids, RaffleChanged, CurrencyNotSold, PrizeUnavailable, PreconditionFailed),
)
async def redraft_raffle(context: CurrentContext, raffle_id: UUID, body: RaffleBody) -> Response:
    """Replace the terms of a draft.

    What was published stays as it was promised.
    """
    terms = body.terms(currency=context.tenant.currency, chain=context.service(Beacons).chain)

    async def effect(tx: Transaction) -> StoredResponse:
        await service.redraft_raffle(tx, await _matched(tx, context, raffle_id), terms)
        await tx.flush()
        return await _shown(tx, context, raffle_id)

    return await context.write(effect)


@router.operation(
    "DELETE",
    "/raffles/{raffle_id}",
    permission=WRITE_RAFFLES,
    status=204,
    refuses=(RaffleUnknown, RaffleStateForbids, RaffleChanged, PreconditionFailed),
)
async def delete_raffle(context: CurrentContext, raffle_id: UUID) -> Response:
    """Delete a draft.

    What was published can only be cancelled.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        service.delete_draft(tx, await _matched(tx, context, raffle_id))
        return json_response(None, status=204)

    return await context.write(effect)


@router.operation(
    "POST",
    "/raffles/{raffle_id}/publish",
    permission=PUBLISH_RAFFLES,
    answers=RaffleView,
    refuses=(
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

    The rules name the round of the beacon that will decide, and the key that will sign; their hash is shown from now
    on. Nothing of them can be changed afterwards, but that a raffle may be postponed. Prizes that are pieces of the
    catalogue are held from here on.
    """
    anchor = await context.service(OfferedAnchors).rules()

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await _matched(tx, context, raffle_id)
        chain = context.service(Beacons).chain
        await service.publish_raffle(tx, raffle, chain=chain, secrets=context.service(RaffleSecrets), anchor=anchor)
        await tx.flush()
        return await _shown(tx, context, raffle_id)

    return await context.write(effect)


@router.operation(
    "POST",
    "/raffles/{raffle_id}/postpone",
    permission=PUBLISH_RAFFLES,
    answers=RaffleView,
    refuses=(
        RaffleUnknown,
        RaffleNotOpen,
        RaffleChanged,
        ClosesEarlier,
        PostponedTooFar,
        PostponedTooOften,
        AnchorMissing,
        RulesNotAnchored,
        PostponedTooLate,
        PreconditionFailed,
    ),
)
async def postpone_raffle(context: CurrentContext, raffle_id: UUID, body: PostponementBody) -> Response:
    """Let a raffle close later than promised.

    That is a new version of its rules, which names the one before and changes nothing but the closing and, with it, the
    round. All versions are part of the proof. Where the rules promise an anchor, the new version has to stand on the
    chain before the old one closes, or the raffle is cancelled and every purchase refunded.
    """
    anchor = await context.service(OfferedAnchors).rules()

    async def effect(tx: Transaction) -> StoredResponse:
        raffle = await _matched(tx, context, raffle_id)
        await service.postpone_raffle(tx, raffle, body.closes_at.replace(microsecond=0), anchor=anchor)
        await tx.flush()
        return await _shown(tx, context, raffle_id)

    return await context.write(effect)


@router.operation(
    "GET",
    "/raffles/{raffle_id}/tickets",
    permission=READ_OWN_TICKETS,
    answers=TicketsView,
    refuses=(RaffleUnknown,),
)
async def list_own_tickets(context: CurrentContext, raffle_id: UUID) -> Response:
    """List your tickets of a raffle, with the salts that open their commitments.

    Keep them: with number and salt you can check for yourself, offline and years later, that your tickets took part.
    """

    async def question(tx: Transaction) -> TicketsView:
        await visible_raffle(tx, context, raffle_id)
        entrant_id = context.principal.user_id
        assert entrant_id is not None, "the permission demands an account"
        tickets = await own_tickets_in(tx, raffle_id, entrant_id, secrets=context.service(RaffleSecrets))
        return TicketsView(raffle_id=raffle_id, data=[TicketView.of(ticket) for ticket in tickets])

    return response(json_response(await context.read(question)))


@router.operation(
    "POST",
    "/raffles/{raffle_id}/free-entries",
    permission=RECORD_FREE_ENTRIES,
    answers=FreeEntryView,
    status=201,
    refuses=(
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
    """Record a free entry that came by post.

    From then on it is a ticket like any paid one: numbered in turn, under the capacity and the per-person limit, and
    indistinguishable in the published list.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        entry = await enter_free(
            tx,
            await visible_raffle(tx, context, raffle_id),
            entrant_id=body.entrant_id,
            quantity=body.quantity,
            reference=body.reference,
            secrets=context.service(RaffleSecrets),
        )
        return json_response(FreeEntryView.of(entry), status=201)

    return await context.write(effect)


async def _matched(tx: Transaction, context: CurrentContext, raffle_id: UUID) -> Raffle:
    raffle = await service.find_raffle(tx, raffle_id)
    must_match(context, raffle.version)
    return raffle


async def _shown(tx: Transaction, context: CurrentContext, raffle_id: UUID) -> StoredResponse:
    sheet = await service.sheet_of(tx, await visible_raffle(tx, context, raffle_id))
    counts = sheet.raffle.counts
    tag = f'"{sheet.raffle.version}-{counts.sold}.{counts.held}.{counts.voided}"'
    return json_response(RaffleView.of(sheet.raffle, sheet.rules), ETag=tag)
