"""The public API of raffles.

Tickets are sold in two steps, like stock: `quote_tickets` checks availability and returns prices, `hold` reserves.
Tickets that are held are issued when they are paid (then they get their numbers), or released. Issued tickets can be
refunded until the raffle is locked. The rest is the draw protocol, with which anybody can recompute a draw.
"""

from luxewin.modules.raffles.anchors.configured import ConfiguredAnchors
from luxewin.modules.raffles.anchors.protocol import Anchors
from luxewin.modules.raffles.anchors.transaction_store import TransactionStore
from luxewin.modules.raffles.beacons.configured import Beacons, open_beacons
from luxewin.modules.raffles.beacons.drand import DrandBeacon
from luxewin.modules.raffles.beacons.local import LocalBeacon
from luxewin.modules.raffles.beacons.protocol import BeaconRound
from luxewin.modules.raffles.beacons.signatures import is_valid_signature
from luxewin.modules.raffles.domain.anchoring import (
    AnchorConflict,
    Anchored,
    AnchorMissed,
    AnchorPending,
    AnchorState,
    Purpose,
)
from luxewin.modules.raffles.domain.anchoring import Stage as AnchorStage
from luxewin.modules.raffles.domain.beacons import QUICKNET, randomness_of
from luxewin.modules.raffles.domain.bundles import entries_of
from luxewin.modules.raffles.domain.claims import Winner
from luxewin.modules.raffles.domain.drawing import Blocks, positions, seed_of
from luxewin.modules.raffles.domain.draws import Schedule
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.domain.merkle import root_of_entries
from luxewin.modules.raffles.domain.raffles import MOST_TICKETS, Prize, Raffle, RaffleStatus, Terms
from luxewin.modules.raffles.domain.tickets import OwnTicket, Purchase, PurchaseStatus, TicketLine, TicketRequest
from luxewin.modules.raffles.errors import (
    AccountRequired,
    AddressRequired,
    AlreadyClaimed,
    ClaimOver,
    ClaimUnknown,
    Excluded,
    NotDrawn,
    NotEligible,
    NotLocked,
    PersonalLimitReached,
    PrizePaymentDisputed,
    PurchaseUnknown,
    RaffleChanged,
    RaffleNotOpen,
    RaffleSoldOut,
    RaffleStateForbids,
    RaffleUnknown,
    SkillAnswerWrong,
    SpendLimitReached,
    StaffExcluded,
    TicketsFinal,
    TicketsMoved,
)
from luxewin.modules.raffles.repository import INVARIANTS
from luxewin.modules.raffles.schemas.cancellations import CancellationBody
from luxewin.modules.raffles.schemas.claims import ClaimView, NewClaim
from luxewin.modules.raffles.schemas.raffle_parts import OddsView
from luxewin.modules.raffles.schemas.raffles import RaffleView
from luxewin.modules.raffles.schemas.tickets import TICKET, TicketView
from luxewin.modules.raffles.service.anchor_raffles import (
    due_anchors,
    find_pending_anchors,
    handle_missed_anchor,
    record_anchor,
    tenants_with_pending_anchors,
)
from luxewin.modules.raffles.service.cancel_raffles import cancel_raffle, due_cancelled
from luxewin.modules.raffles.service.claim_prizes import (
    claim_prize,
    due_claims,
    own_claim,
    pass_on_overdue_prize,
    prize_of,
    settle_raffle,
)
from luxewin.modules.raffles.service.draft_raffles import draft_raffle
from luxewin.modules.raffles.service.draw_raffles import (
    draw_raffle,
    due_raffles,
    needs_hypothetical_draw,
    record_hypothetical_draw,
    tenants_with_due_raffles,
)
from luxewin.modules.raffles.service.lock_raffles import close_raffle, lock_raffle
from luxewin.modules.raffles.service.prove_draws import find_invalid_draw
from luxewin.modules.raffles.service.publish_raffles import publish_raffle
from luxewin.modules.raffles.service.read_entries import MerkleTreeCache
from luxewin.modules.raffles.service.read_public_raffles import (
    PublicRaffle,
    find_public_raffle,
    list_entries_after,
    list_public_raffles,
)
from luxewin.modules.raffles.service.read_raffles import RaffleDetails, details_of, find_raffle, must_be_drawn, rules_of
from luxewin.modules.raffles.service.read_tickets import (
    find_purchase,
    list_purchases,
    purchases_in_status,
    tickets_of,
    tickets_of_order,
)
from luxewin.modules.raffles.service.secrets import RaffleSecrets
from luxewin.modules.raffles.service.sell_tickets import (
    find_public_raffles,
    hold,
    is_paid,
    issue,
    must_still_be_eligible,
    order_of_ticket,
    quote_ticket_line,
    quote_tickets,
    refund_tickets,
    release,
    remaining_allowance,
)
from luxewin.modules.raffles.settings import RELAYS, AnchorSettings, BeaconSettings, require_web3

__all__ = [
    "INVARIANTS",
    "MOST_TICKETS",
    "QUICKNET",
    "RELAYS",
    "TICKET",
    "AccountRequired",
    "AddressRequired",
    "AlreadyClaimed",
    "AnchorConflict",
    "AnchorMissed",
    "AnchorPending",
    "AnchorSettings",
    "AnchorStage",
    "AnchorState",
    "Anchored",
    "Anchors",
    "BeaconRound",
    "BeaconSettings",
    "Beacons",
    "Blocks",
    "CancellationBody",
    "ClaimOver",
    "ClaimUnknown",
    "ClaimView",
    "ConfiguredAnchors",
    "DrandBeacon",
    "Excluded",
    "Json",
    "LocalBeacon",
    "MerkleTreeCache",
    "NewClaim",
    "NotDrawn",
    "NotEligible",
    "NotLocked",
    "OddsView",
    "OwnTicket",
    "PersonalLimitReached",
    "Prize",
    "PrizePaymentDisputed",
    "PublicRaffle",
    "Purchase",
    "PurchaseStatus",
    "PurchaseUnknown",
    "Purpose",
    "Raffle",
    "RaffleChanged",
    "RaffleDetails",
    "RaffleNotOpen",
    "RaffleSecrets",
    "RaffleSoldOut",
    "RaffleStateForbids",
    "RaffleStatus",
    "RaffleUnknown",
    "RaffleView",
    "Schedule",
    "SkillAnswerWrong",
    "SpendLimitReached",
    "StaffExcluded",
    "Terms",
    "TicketLine",
    "TicketRequest",
    "TicketView",
    "TicketsFinal",
    "TicketsMoved",
    "TransactionStore",
    "Winner",
    "cancel_raffle",
    "claim_prize",
    "close_raffle",
    "details_of",
    "draft_raffle",
    "draw_raffle",
    "due_anchors",
    "due_cancelled",
    "due_claims",
    "due_raffles",
    "entries_of",
    "find_invalid_draw",
    "find_pending_anchors",
    "find_public_raffle",
    "find_public_raffles",
    "find_purchase",
    "find_raffle",
    "handle_missed_anchor",
    "hash_of",
    "hold",
    "is_paid",
    "is_valid_signature",
    "issue",
    "list_entries_after",
    "list_public_raffles",
    "list_purchases",
    "lock_raffle",
    "must_be_drawn",
    "must_still_be_eligible",
    "needs_hypothetical_draw",
    "open_beacons",
    "order_of_ticket",
    "own_claim",
    "pass_on_overdue_prize",
    "positions",
    "prize_of",
    "publish_raffle",
    "purchases_in_status",
    "quote_ticket_line",
    "quote_tickets",
    "randomness_of",
    "record_anchor",
    "record_hypothetical_draw",
    "refund_tickets",
    "release",
    "remaining_allowance",
    "require_web3",
    "root_of_entries",
    "rules_of",
    "seed_of",
    "settle_raffle",
    "tenants_with_due_raffles",
    "tenants_with_pending_anchors",
    "tickets_of",
    "tickets_of_order",
]
