"""Parts of the view of a raffle: its odds, its round, and its anchor."""

from datetime import UTC, datetime
from typing import Self

from luxewin.kit.http.fields import View
from luxewin.modules.raffles.domain.beacons import Chain
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus


class ChanceView(View):
    """The number of prizes and of tickets."""

    prizes: int
    tickets: int


class OddsView(View):
    """The odds of one more ticket: if no other ticket is sold after it, and if all are sold."""

    now: ChanceView
    at_worst: ChanceView

    @classmethod
    def of(cls, raffle: Raffle) -> Self:
        """Return the current odds of a raffle."""
        prizes = len(raffle.terms.prizes)
        entered = raffle.counts.valid
        if raffle.status not in {RaffleStatus.DRAFT, RaffleStatus.OPEN}:
            final = ChanceView(prizes=prizes, tickets=entered)
            return cls(now=final, at_worst=final)
        return cls(
            now=ChanceView(prizes=prizes, tickets=entered + 1),
            at_worst=ChanceView(prizes=prizes, tickets=raffle.terms.capacity - raffle.counts.voided),
        )


class DrawView(View):
    """The round that decides, and when it is due, from the newest version of the rules."""

    beacon: str
    round: int
    at: datetime

    @classmethod
    def of(cls, rules: Json) -> Self:
        """Return the round of these rules."""
        chain = Chain.from_rules(rules)
        at = datetime.fromtimestamp(chain.time_of(rules["round"]), tz=UTC)
        return cls(beacon=chain.beacon_id, round=rules["round"], at=at)


class AnchorView(View):
    """The chain and contract that hashes of rules and entries are written to, at least the margin before the round."""

    chain_id: int
    contract: str
    sender: str
    margin_seconds: int
