"""What raffles refuse."""

from luxewin.kit.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated, Unavailable


class RaffleUnknown(NotFound):
    """No such raffle, or it is not published."""


class RaffleChanged(Conflict):
    """Somebody else changed the raffle at the same moment."""

    code = "raffles.changed"
    title = "Another request changed the raffle at the same time; try again"
    retriable = True


class RaffleStateForbids(Conflict):
    """From where it stands, the raffle cannot take this step."""

    code = "raffles.state_forbids"
    title = "The raffle does not allow this in its current status"


class ClosesTooSoon(InvalidInput):
    """A raffle must sell for some time."""

    code = "raffles.closes_too_soon"
    title = "The closing time must be in the future"


class ClosesEarlier(InvalidInput):
    """What was published closes when it was promised to, or later."""

    code = "raffles.closes_earlier"
    title = "The closing time of a published raffle can only be moved later"


class PostponedTooLate(Conflict):
    """New rules have to stand on the chain before the old ones close."""

    code = "raffles.postponed_too_late"
    title = "Not enough time is left to anchor new rules before the closing time"


class PostponedTooFar(InvalidInput):
    """Who has bought a ticket is not kept waiting for ever."""

    code = "raffles.postponed_too_far"
    title = "The closing time must be at most one year after the original closing time"


class RulesNotAnchored(Conflict):
    """Versions of the rules go to the chain one after the other."""

    code = "raffles.rules_not_anchored"
    title = "The current rules are not yet anchored on the chain; try again later"
    retriable = True


class PostponedTooOften(Conflict):
    """Rules have a bounded number of versions."""

    code = "raffles.postponed_too_often"
    title = "The closing time of this raffle cannot be changed again"


class CurrencyNotSold(InvalidInput):
    """A raffle is sold in the tenant's currency."""

    code = "raffles.currency_not_sold"
    title = "Ticket price and prize values must be in the currency of the shop"


class DelayTooShort(InvalidInput):
    """The round of a public beacon must lie far enough behind the closing."""

    code = "raffles.delay_too_short"
    title = "The draw is too soon after the closing time for this beacon"


class BeaconMissing(Unavailable):
    """This process knows no such beacon."""

    code = "raffles.beacon_missing"
    title = "The beacon of this raffle is not configured"


class AnchorMissing(Unavailable):
    """This process anchors nothing."""

    code = "raffles.anchor_missing"
    title = "No chain is configured to anchor this raffle"


class RaffleNotOpen(Conflict):
    """It does not sell yet, or no longer."""

    code = "raffles.not_open"
    title = "The raffle is not open for ticket sales"


class RaffleSoldOut(Conflict):
    """Fewer tickets are left than were asked for; some may come back when their payment does not arrive."""

    code = "raffles.sold_out"
    title = "Not enough tickets are left"


class PersonalLimitReached(Conflict):
    """The rules of the raffle limit how many tickets one person may hold."""

    code = "raffles.limit_reached"
    title = "You have reached the ticket limit per person of this raffle"


class SkillAnswerWrong(Conflict):
    """The raffle asks a question, and this is not its answer."""

    code = "raffles.answer_wrong"
    title = "The answer to the question of the raffle is wrong"


class AccountRequired(Unauthenticated):
    """Limits belong to a person, so tickets are bought with an account."""

    code = "raffles.account_required"
    title = "Sign in to buy tickets; your cart is kept"


class StaffExcluded(Forbidden):
    """Who runs a raffle does not take part in it."""

    code = "raffles.staff_excluded"
    title = "Staff cannot take part in raffles"


class TicketsMoved(Conflict):
    """The purchase or its raffle was settled at the same moment."""

    code = "raffles.tickets_moved"
    title = "The tickets were settled at the same time; try again"
    retriable = True


class TicketsFinal(Conflict):
    """The list of entries was locked: nothing is taken out of it."""

    code = "raffles.tickets_final"
    title = "The raffle is locked, so its tickets cannot be returned"


class PurchaseUnknown(NotFound):
    """No such purchase, or not the caller's."""


class NotLocked(Conflict):
    """Receipt and entries are there from the lock on."""

    code = "raffles.not_locked"
    title = "The raffle's entries are not locked yet"


class NotDrawn(Conflict):
    """Winners and proof are there from the draw on."""

    code = "raffles.not_drawn"
    title = "The raffle has not been drawn yet"


class TicketNotEntered(NotFound):
    """No valid ticket has this number."""


class ListChanged(Conflict):
    """The tickets in the database are not those that the receipt commits to: somebody has laid hands on them."""

    code = "raffles.list_changed"
    title = "The entries do not match the receipt; the raffle cannot be drawn"


class NotEligible(Forbidden):
    """The rules of the raffle do not let this person take part; `reason` says why."""

    code = "raffles.not_eligible"
    title = "You are not eligible for this raffle"


class Excluded(Forbidden):
    """The person has excluded themselves, and nobody can lift it before its time."""

    code = "raffles.excluded"
    title = "You have excluded yourself from raffles; the exclusion has not ended yet"


class SpendLimitReached(Conflict):
    """The person has set a limit, and this would go beyond it."""

    code = "raffles.spend_limit_reached"
    title = "The purchase exceeds the spending limit that you have set"


class ExclusionLength(InvalidInput):
    """A cool-off is a day to six weeks; a self-exclusion is six months or more."""

    code = "raffles.exclusion_length"
    title = "A cool-off must last 1 to 42 days, a self-exclusion at least 183 days"


class BirthDeclared(Conflict):
    """A date of birth is declared once."""

    code = "raffles.birth_declared"
    title = "Your date of birth is already set; only the shop can correct it"


class NoFreeEntry(Conflict):
    """The rules of this raffle offer no free entry."""

    code = "raffles.no_free_entry"
    title = "The rules of this raffle do not allow free entries"


class EntrantUnknown(InvalidInput):
    """An entry belongs to an account of this tenant."""

    code = "raffles.entrant_unknown"
    title = "The account does not exist"


class PrizeUnavailable(InvalidInput):
    """A prize names a piece of the catalogue that is not for sale."""

    code = "raffles.prize_unavailable"
    title = "The variant of the prize does not exist or is not for sale"


class ClaimUnknown(NotFound):
    """The caller has not won this prize."""


class AlreadyClaimed(Conflict):
    """A prize is claimed once."""

    code = "raffles.prize_claimed"
    title = "The prize is already claimed"


class ClaimOver(Conflict):
    """The time to claim has passed, or the prize went to another."""

    code = "raffles.claim_over"
    title = "The prize can no longer be claimed with this ticket"


class AddressRequired(InvalidInput):
    """A prize that is sent needs an address."""

    code = "raffles.address_required"
    title = "This prize is shipped: give a shipping address"


class SkipUnknown(NotFound):
    """Nobody has proposed to skip this ticket."""


class SkipDecided(Conflict):
    """It was proposed, or confirmed, before."""

    code = "raffles.skip_decided"
    title = "The disqualification was already proposed or confirmed"


class CancellationUnknown(NotFound):
    """Nobody has proposed to cancel this raffle, or not for this caller's eyes."""


class CancellationDecided(Conflict):
    """It was proposed, or confirmed, before."""

    code = "raffles.cancellation_decided"
    title = "The cancellation was already proposed or confirmed"


class TwoPeopleNeeded(Forbidden):
    """Who has proposed to skip a ticket, or to cancel a locked raffle, cannot confirm it."""

    code = "raffles.two_people_needed"
    title = "A second person must confirm this"
