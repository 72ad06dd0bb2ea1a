"""Tickets of a raffle, reserved within its capacity and its rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.kit.errors import DomainError
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.line_kinds.errors import ItemUnavailable, TicketsNotSold
from luxewin.modules.line_kinds.kinds.protocol import Bought, Buyer, Ending, QuotedLine, Returned, Selection, Wanted
from luxewin.modules.line_kinds.kinds.tickets.offer import TicketsOffer
from luxewin.modules.line_kinds.schemas import NewCartItem
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import (
    AccountRequired,
    PersonalLimitReached,
    PurchaseStatus,
    RaffleNotOpen,
    RaffleSecrets,
    RaffleSoldOut,
    RaffleUnknown,
    SkillAnswerWrong,
    StaffExcluded,
    TicketLine,
    TicketRequest,
    TicketsFinal,
)


class Tickets:
    """The line kind `ticket`."""

    name = "ticket"
    reference = "raffle_id"
    selection_errors: Sequence[type[DomainError]] = (RaffleUnknown,)
    sale_errors: Sequence[type[DomainError]] = (
        TicketsNotSold,
        RaffleNotOpen,
        RaffleSoldOut,
        PersonalLimitReached,
        SkillAnswerWrong,
        StaffExcluded,
    )

    def select(self, body: NewCartItem) -> Selection | None:
        """Return the selection of a raffle, with the answer to its question."""
        if body.raffle_id is None:
            return None
        return Selection(self.name, offer_id=body.raffle_id, answer=body.skill_answer)

    async def choose(
        self, tx: Transaction, selection: Selection, *, offer_ids: Sequence[UUID], currency: str
    ) -> tuple[UUID, Mapping[UUID, TicketsOffer]]:
        """Return the selected raffle, and the offers; the offer of an invisible raffle raises an error."""
        raffle_id = selection.offer_id
        assert raffle_id is not None, "a selection of tickets names a raffle"
        return raffle_id, await self.offers(tx, [*offer_ids, raffle_id], currency=currency)

    async def offers(self, tx: Transaction, offer_ids: Sequence[UUID], *, currency: str) -> Mapping[UUID, TicketsOffer]:
        """Return an offer for each raffle."""
        found = await raffles.find_public_raffles(tx, list(dict.fromkeys(offer_ids)))
        sold = {id for id, raffle in found.items() if raffle.terms.ticket_price.currency == currency}
        sold = {id for id in sold if found[id].sells_at(await tx.now())}
        return {id: TicketsOffer(id, found.get(id), id in sold) for id in offer_ids}

    async def most_units(self, tx: Transaction, offer_ids: Sequence[UUID], *, user_id: UUID) -> Mapping[UUID, int]:
        """Return how many more tickets of each raffle its rules allow the account."""
        return await raffles.remaining_allowance(tx, user_id, await raffles.find_public_raffles(tx, offer_ids))

    async def obstacles(
        self, tx: Transaction, wanted: Sequence[Wanted], offers: Mapping[UUID, TicketsOffer], *, user_id: UUID | None
    ) -> Mapping[UUID, DomainError]:
        """Return the error of each request that the rules of its raffle do not allow."""
        if user_id is None:
            return {item.offer_id: AccountRequired() for item in wanted}
        most = await self.most_units(tx, [item.offer_id for item in wanted], user_id=user_id)
        found = {item.offer_id: await offers[item.offer_id].obstacle(tx, item, most=most) for item in wanted}
        return {id: error for id, error in found.items() if error is not None}

    async def describe(self, tx: Transaction, wanted: Sequence[Wanted]) -> list[QuotedLine]:
        """Return lines for public raffles."""
        found = await raffles.find_public_raffles(tx, [item.offer_id for item in wanted])
        terms = {id: raffle.terms for id, raffle in found.items()}
        return [
            QuotedLine(
                id=new_id(),
                kind=self.name,
                offer_id=item.offer_id,
                name=terms[item.offer_id].title,
                quantity=item.quantity,
                unit_price=terms[item.offer_id].ticket_price,
                options={},
            )
            for item in wanted
            if item.offer_id in terms
        ]

    async def quote(
        self, tx: Transaction, wanted: Sequence[Wanted], *, buyer: Buyer, currency: str | None
    ) -> "TicketsQuote":
        """Return the quote of tickets that the buyer may buy by the rules of their raffles.

        Raises:
            AccountRequired: a guest requests tickets.
            ItemUnavailable: a raffle sells in another currency.
            RaffleUnknown, RaffleNotOpen, RaffleSoldOut, PersonalLimitReached, SkillAnswerWrong, StaffExcluded,
                Excluded, NotEligible, SpendLimitReached: as `raffles.quote_tickets` raises them.
        """
        if buyer.user_id is None:
            raise AccountRequired
        secrets = buyer.services.service(RaffleSecrets)
        requests = [TicketRequest(item.offer_id, item.quantity, item.answer) for item in wanted]
        ticket_lines = await raffles.quote_tickets(tx, requests, entrant_id=buyer.user_id, secrets=secrets)
        elsewhere = [
            ticket_line.raffle_id
            for ticket_line in ticket_lines
            if currency not in {None, ticket_line.unit_price.currency}
        ]
        if elsewhere:
            raise ItemUnavailable(raffle_ids=elsewhere)
        return TicketsQuote(ticket_lines, buyer.user_id, secrets)

    async def must_be_payable(self, tx: Transaction, lines: Sequence[Bought], *, buyer: Buyer) -> None:
        """Check that the buyer may still participate.

        Raises:
            Excluded, NotEligible, SpendLimitReached: the buyer may not.
        """
        if buyer.user_id is not None:
            secrets = buyer.services.service(RaffleSecrets)
            raffle_ids = [line.offer_id for line in lines]
            await raffles.must_still_be_eligible(tx, raffle_ids, entrant_id=buyer.user_id, secrets=secrets)

    async def fulfil(self, tx: Transaction, order_id: UUID, lines: Sequence[Bought]) -> list[Write]:
        """Return the write that assigns numbers to the tickets."""
        return [raffles.issue(tx, order_id, count=len(lines))]

    async def release(self, tx: Transaction, order_id: UUID, lines: Sequence[Bought], *, ending: Ending) -> list[Write]:
        """Return the writes that end the purchases and free their capacity."""
        status = PurchaseStatus.VOID if ending is Ending.EXPIRED_UNDECIDED else PurchaseStatus.DECLINED
        return raffles.release(tx, order_id, count=len(lines), status=status)

    def must_be_cancellable(self, tx: Transaction, _lines: Sequence[Bought]) -> None:
        """Check that the caller may cancel paid tickets: only staff may.

        Raises:
            TicketsFinal: the caller is not staff.
        """
        if not tx.principal.is_staff:
            raise TicketsFinal("Paid tickets can only be cancelled by the shop; contact it")

    async def refund(
        self, tx: Transaction, _order_id: UUID, returned: Sequence[Returned], *, cause_id: UUID, restock: bool
    ) -> list[Write]:
        """Void the tickets of purchases that are refunded.

        Raises:
            TicketsFinal: (at the flush) the raffle is locked.
            TicketsMoved: (at the flush) they were refunded before.
        """
        del cause_id, restock
        await raffles.refund_tickets(tx, [one.line.id for one in returned])
        return []

    def deferred_to(self, line: Bought) -> tuple[AccountKind, UUID] | None:
        """Return the raffle's account of deferred income: tickets are earned when the raffle is drawn."""
        return AccountKind.RAFFLE_DEFERRED, line.offer_id


@dataclass(frozen=True, slots=True)
class TicketsQuote:
    """Tickets that the buyer may buy; the id of a ticket line becomes the id of the order line and of the purchase."""

    ticket_lines: Sequence[TicketLine]
    user_id: UUID
    secrets: RaffleSecrets

    @property
    def lines(self) -> Sequence[QuotedLine]:
        """One order line for each ticket line; tickets are neither shipped nor taxed."""
        return [
            QuotedLine(
                id=ticket_line.id,
                kind=Tickets.name,
                offer_id=ticket_line.raffle_id,
                name=ticket_line.title,
                quantity=ticket_line.quantity,
                unit_price=ticket_line.unit_price,
                options={},
                left=ticket_line.left,
                sale=ticket_line.sale,
            )
            for ticket_line in self.ticket_lines
        ]

    def reserve(self, tx: Transaction, *, order_id: UUID, until: datetime | None) -> list[Write]:
        """Return the writes that reserve the raffles' capacity for the order, until it is paid or ends."""
        del until
        return raffles.hold(tx, self.ticket_lines, order_id=order_id, entrant_id=self.user_id, secrets=self.secrets)
