"""The errors of raffles."""

from luxewin.kit.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated, Unavailable


class RaffleUnknown(NotFound):
    """There is no such raffle, or it is not published."""


class RaffleChanged(Conflict):
    """Another transaction changed the raffle at the same time."""

    code = "raffles.changed"
    title = "Another request changed the raffle at the same time; try again"
    retriable = True


class RaffleStateForbids(Conflict):
    """The raffle's status does not allow the operation."""

    code = "raffles.state_forbids"
    title = "The raffle does not allow this in its current status"


class ClosesTooSoon(InvalidInput):
    """The closing time of a raffle must be in the future when it is published."""

    code = "raffles.closes_too_soon"
    title = "The closing time must be in the future"


class ClosesEarlier(InvalidInput):
    """The closing time of a published raffle can only be moved later."""

    code = "raffles.closes_earlier"
    title = "The closing time of a published raffle can only be moved later"


class RescheduledTooLate(Conflict):
    """New rules have to be anchored before the current ones close."""

    code = "raffles.postponed_too_late"
    title = "Not enough time is left to anchor new rules before the closing time"


class RescheduledTooFar(InvalidInput):
    """Buyers must not wait indefinitely for the draw."""

    code = "raffles.postponed_too_far"
    title = "The closing time must be at most one year after the original closing time"


class RulesNotAnchored(Conflict):
    """The versions of the rules are anchored one after the other."""

    code = "raffles.rules_not_anchored"
    title = "The current rules are not yet anchored on the chain; try again later"
    retriable = True


class RescheduledTooOften(Conflict):
    """The number of versions of a raffle's rules is limited."""

    code = "raffles.postponed_too_often"
    title = "This raffle cannot be rescheduled any more: its rules have the maximum number of versions"


class CurrencyNotSold(InvalidInput):
    """Tickets and prizes have prices in the tenant's currency."""

    code = "raffles.currency_not_sold"
    title = "Ticket price and prize values must be in the currency of the shop"


class DelayTooShort(InvalidInput):
    """The round of the beacon must be late enough after the closing time."""

    code = "raffles.delay_too_short"
    title = "The draw is too soon after the closing time for this beacon"


class BeaconMissing(Unavailable):
    """The beacon that the rules name is not configured in this process."""

    code = "raffles.beacon_missing"
    title = "The beacon of this raffle is not configured"


class AnchorMissing(Unavailable):
    """This installation does not anchor, or not at the location that the rules name."""

    code = "raffles.anchor_missing"
    title = "No chain is configured to anchor this raffle"


class RaffleNotOpen(Conflict):
    """The raffle does not sell tickets yet, or no longer."""

    code = "raffles.not_open"
    title = "The raffle is not open for ticket sales"


class RaffleSoldOut(Conflict):
    """Fewer tickets are left than were requested; tickets that are held and not paid become available again."""

    code = "raffles.sold_out"
    title = "Not enough tickets are left"


class PersonalLimitReached(Conflict):
    """The rules of the raffle limit how many tickets one person may hold."""

    code = "raffles.limit_reached"
    title = "You have reached the ticket limit per person of this raffle"


class SkillAnswerWrong(Conflict):
    """The answer to the raffle's question is missing or wrong."""

    code = "raffles.answer_wrong"
    title = "The answer to the question of the raffle is wrong"


class AccountRequired(Unauthenticated):
    """Tickets are bought with an account, since limits apply to a person."""

    code = "raffles.account_required"
    title = "Sign in to buy tickets; your cart is kept"


class StaffExcluded(Forbidden):
    """Staff cannot take part in the raffles of their shop."""

    code = "raffles.staff_excluded"
    title = "Staff cannot take part in raffles"


class TicketsMoved(Conflict):
    """Another transaction paid, ended or refunded the purchase at the same time."""

    code = "raffles.tickets_moved"
    title = "The tickets were settled at the same time; try again"
    retriable = True


class TicketsFinal(Conflict):
    """The list of entries is locked, so no ticket can be refunded."""

    code = "raffles.tickets_final"
    title = "The raffle is locked, so its tickets cannot be returned"


class PurchaseUnknown(NotFound):
    """There is no such purchase, or it belongs to another person."""


class NotLocked(Conflict):
    """Receipt and entries are available once the list is locked."""

    code = "raffles.not_locked"
    title = "The raffle's entries are not locked yet"


class NotDrawn(Conflict):
    """Winners and proof are available once the raffle is drawn."""

    code = "raffles.not_drawn"
    title = "The raffle has not been drawn yet"


class TicketNotEntered(NotFound):
    """No valid ticket has this number."""


class ListChanged(Conflict):
    """The tickets in the database were changed after the lock, past the application."""

    code = "raffles.list_changed"
    title = "The entries do not match the receipt; the raffle cannot be drawn"


class NotEligible(Forbidden):
    """The raffle's minimum age or territories do not let this person take part; `reason` is the one that applies."""

    code = "raffles.not_eligible"
    title = "You are not eligible for this raffle"


class Excluded(Forbidden):
    """The person has excluded themselves; the exclusion cannot be ended before `until`."""

    code = "raffles.excluded"
    title = "You have excluded yourself from raffles; the exclusion has not ended yet"


class SpendLimitReached(Conflict):
    """The purchase would exceed the spending limit that the person has set."""

    code = "raffles.spend_limit_reached"
    title = "The purchase exceeds the spending limit that you have set"


class ExclusionLength(InvalidInput):
    """A cool-off lasts a day to six weeks; a self-exclusion six months or more."""

    code = "raffles.exclusion_length"
    title = "A cool-off must last 1 to 42 days, a self-exclusion 183 to 3650 days"


class BirthDeclared(Conflict):
    """A date of birth can be declared only once."""

    code = "raffles.birth_declared"
    title = "Your date of birth is already set; only the shop can correct it"


class NoFreeEntry(Conflict):
    """The rules of this raffle offer no free entry."""

    code = "raffles.no_free_entry"
    title = "The rules of this raffle do not allow free entries"


class EntrantUnknown(InvalidInput):
    """A free entry must name an account of this tenant."""

    code = "raffles.entrant_unknown"
    title = "The account does not exist"


class PrizeUnavailable(InvalidInput):
    """A prize names a product variant that is not for sale."""

    code = "raffles.prize_unavailable"
    title = "The variant of the prize does not exist or is not for sale"


class ClaimUnknown(NotFound):
    """The caller has not won this prize."""


class AlreadyClaimed(Conflict):
    """A prize can be claimed only once."""

    code = "raffles.prize_claimed"
    title = "The prize is already claimed"


class PrizePaymentDisputed(Conflict):
    """The payment of the winning ticket is disputed."""

    code = "raffles.payment_disputed"
    title = "The payment of the winning ticket is disputed; settle it with your bank before the time to claim is over"


class ClaimOver(Conflict):
    """The time to claim the prize has passed, or the prize was passed on."""

    code = "raffles.claim_over"
    title = "The prize can no longer be claimed with this ticket"


class AddressRequired(InvalidInput):
    """A prize that is shipped needs an address."""

    code = "raffles.address_required"
    title = "This prize is shipped; send `shipping_address`"


class DisqualificationUnknown(NotFound):
    """Nobody has proposed to disqualify this ticket."""


class DisqualificationDecided(Conflict):
    """The disqualification is already proposed, or already confirmed."""

    code = "raffles.skip_decided"
    title = "The disqualification was already proposed or confirmed"


class CancellationUnknown(NotFound):
    """Nobody has proposed to cancel this raffle, or the proposal is not visible to the caller."""


class CancellationDecided(Conflict):
    """The cancellation is already proposed, or already confirmed."""

    code = "raffles.cancellation_decided"
    title = "The cancellation was already proposed or confirmed"


class TwoPeopleNeeded(Forbidden):
    """The person who proposed a disqualification or a cancellation cannot confirm it."""

    code = "raffles.two_people_needed"
    title = "A second person must confirm this"
