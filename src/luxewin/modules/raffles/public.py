"""The front door of raffles.

Tickets are sold in two steps, as stock is: `stakes` reads and checks, `hold` writes and guarantees. What is held is
later issued (paid: the tickets get their numbers) or released. What was issued can be given back until the raffle is
locked. The rest is the protocol of draws, which anybody may recompute.
"""

from luxewin.modules.raffles.anchors.kept import KeptTransactions
from luxewin.modules.raffles.anchors.offered import OfferedAnchors
from luxewin.modules.raffles.anchors.protocol import Anchors
from luxewin.modules.raffles.beacons.configured import Beacons, opened_beacons
from luxewin.modules.raffles.beacons.drand import DrandBeacon
from luxewin.modules.raffles.beacons.local import LocalBeacon
from luxewin.modules.raffles.beacons.protocol import Heard
from luxewin.modules.raffles.beacons.signatures import verifies
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
from luxewin.modules.raffles.domain.tickets import OwnTicket, Purchase, PurchaseStatus, Stake, Wish
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
from luxewin.modules.raffles.schemas.raffles import OddsView, RaffleView
from luxewin.modules.raffles.schemas.tickets import TICKET, TicketView
from luxewin.modules.raffles.service.anchor_raffles import (
    anchor_work,
    anchoring_tenants,
    due_anchors,
    miss_anchor,
    note_anchored,
)
from luxewin.modules.raffles.service.claim_prizes import (
    claim_prize,
    due_claims,
    own_claim,
    pass_on_next,
    prize_of,
    settle_raffle,
)
from luxewin.modules.raffles.service.draw_raffles import (
    busy_tenants,
    cancel_raffle,
    close_raffle,
    draw_raffle,
    due_cancelled,
    due_raffles,
    is_to_be_shown,
    lock_raffle,
    rules_of,
    show_draw,
)
from luxewin.modules.raffles.service.keep_raffles import (
    RaffleDetails,
    draft_raffle,
    find_raffle,
    must_be_drawn,
    publish_raffle,
    sheet_of,
)
from luxewin.modules.raffles.service.prove_draws import first_wrong_draw
from luxewin.modules.raffles.service.read_tickets import (
    find_purchase,
    list_purchases,
    purchases_in_status,
    tickets_of,
    tickets_of_order,
)
from luxewin.modules.raffles.service.secrets import RaffleSecrets
from luxewin.modules.raffles.service.sell_tickets import (
    give_back,
    hold,
    is_paid,
    issue,
    must_still_be_allowed,
    offered,
    release,
    room_for,
    staked,
    stakes,
)
from luxewin.modules.raffles.service.show_entries import Trees
from luxewin.modules.raffles.service.show_raffles import ShownRaffle, show_entries_after, show_raffle, show_raffles
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
    "BeaconSettings",
    "Beacons",
    "Blocks",
    "CancellationBody",
    "ClaimOver",
    "ClaimUnknown",
    "ClaimView",
    "DrandBeacon",
    "Excluded",
    "Heard",
    "Json",
    "KeptTransactions",
    "LocalBeacon",
    "NewClaim",
    "NotDrawn",
    "NotEligible",
    "NotLocked",
    "OddsView",
    "OfferedAnchors",
    "OwnTicket",
    "PersonalLimitReached",
    "Prize",
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
    "ShownRaffle",
    "SkillAnswerWrong",
    "SpendLimitReached",
    "StaffExcluded",
    "Stake",
    "Terms",
    "TicketView",
    "TicketsFinal",
    "TicketsMoved",
    "Trees",
    "Winner",
    "Wish",
    "anchor_work",
    "anchoring_tenants",
    "busy_tenants",
    "cancel_raffle",
    "claim_prize",
    "close_raffle",
    "draft_raffle",
    "draw_raffle",
    "due_anchors",
    "due_cancelled",
    "due_claims",
    "due_raffles",
    "entries_of",
    "find_purchase",
    "find_raffle",
    "first_wrong_draw",
    "give_back",
    "hash_of",
    "hold",
    "is_paid",
    "is_to_be_shown",
    "issue",
    "list_purchases",
    "lock_raffle",
    "miss_anchor",
    "must_be_drawn",
    "must_still_be_allowed",
    "note_anchored",
    "offered",
    "opened_beacons",
    "own_claim",
    "pass_on_next",
    "positions",
    "prize_of",
    "publish_raffle",
    "purchases_in_status",
    "randomness_of",
    "release",
    "require_web3",
    "room_for",
    "root_of_entries",
    "rules_of",
    "seed_of",
    "settle_raffle",
    "sheet_of",
    "show_draw",
    "show_entries_after",
    "show_raffle",
    "show_raffles",
    "staked",
    "stakes",
    "tickets_of",
    "tickets_of_order",
    "verifies",
]
