"""The front door of raffles.

Tickets are sold in two steps, as stock is: `stakes` reads and checks, `hold` writes and guarantees. What is held is
later issued (paid: the tickets get their numbers) or released. What was issued can be given back until the raffle is
locked. The rest is the protocol of draws, which anybody may recompute.
"""

from luxewin.modules.raffles.beacons.configured import Beacons, opened_beacons
from luxewin.modules.raffles.beacons.drand import DrandBeacon
from luxewin.modules.raffles.beacons.local import LocalBeacon
from luxewin.modules.raffles.beacons.signatures import verifies
from luxewin.modules.raffles.domain.beacons import QUICKNET, randomness_of
from luxewin.modules.raffles.domain.bundles import entries_of
from luxewin.modules.raffles.domain.drawing import Blocks, positions, seed_of
from luxewin.modules.raffles.domain.merkle import root_of_entries
from luxewin.modules.raffles.domain.tickets import OwnTicket, Purchase, PurchaseStatus, Stake, Wish
from luxewin.modules.raffles.errors import (
    AccountRequired,
    PersonalLimitReached,
    PurchaseUnknown,
    RaffleNotOpen,
    RaffleSoldOut,
    RaffleUnknown,
    SkillAnswerWrong,
    StaffExcluded,
    TicketsFinal,
    TicketsMoved,
)
from luxewin.modules.raffles.repository import LAWS
from luxewin.modules.raffles.schemas import TICKET, TicketView
from luxewin.modules.raffles.service.read_tickets import find_purchase, list_purchases, tickets_of
from luxewin.modules.raffles.service.secrets import RaffleSecrets
from luxewin.modules.raffles.service.sell_tickets import (
    give_back,
    hold,
    issue,
    purchases_of_order,
    release,
    stakes,
)

__all__ = [
    "LAWS",
    "QUICKNET",
    "TICKET",
    "AccountRequired",
    "Beacons",
    "Blocks",
    "DrandBeacon",
    "LocalBeacon",
    "OwnTicket",
    "PersonalLimitReached",
    "Purchase",
    "PurchaseStatus",
    "PurchaseUnknown",
    "RaffleNotOpen",
    "RaffleSecrets",
    "RaffleSoldOut",
    "RaffleUnknown",
    "SkillAnswerWrong",
    "StaffExcluded",
    "Stake",
    "TicketView",
    "TicketsFinal",
    "TicketsMoved",
    "Wish",
    "entries_of",
    "find_purchase",
    "give_back",
    "hold",
    "issue",
    "list_purchases",
    "opened_beacons",
    "positions",
    "purchases_of_order",
    "randomness_of",
    "release",
    "root_of_entries",
    "seed_of",
    "stakes",
    "tickets_of",
    "verifies",
]
