"""Anchored raffles in a market: the chain that keeps them, and the worker that brings them there, step by step."""

from dataclasses import dataclass, replace
from typing import Any

from luxewin.modules.raffles.anchors.evm import EvmAnchors
from luxewin.modules.raffles.anchors.limits import GWEI, Limits
from luxewin.modules.raffles.domain.anchoring import AnchorPlace
from luxewin.modules.raffles.public import OfferedAnchors
from luxewin.workflows.anchor_raffle.jobs import anchor_everywhere
from tests.chain.anvil import Anvil
from tests.chain.conftest import LIMITS, anchors_on
from tests.workflows.market import Market
from tests.workflows.raffles.fair import (
    at,
    bought,
    buyers,
    published,
)

MARGIN = 60
PATIENT = replace(LIMITS, confirmations=2, stale_seconds=20_000)


@dataclass
class Anchorage:
    """A market whose raffles are anchored, the node that keeps them, and the account that sends."""

    market: Market
    node: Anvil
    anchors: EvmAnchors
    place: AnchorPlace

    @property
    def sender(self) -> str:
        """The account's address."""
        return "0x" + self.place.sender.hex()

    async def step(self, *, blocks: int = 0) -> None:
        """Let blocks pass, and let the worker do its duty once; the tenant's clock is the test's."""
        if blocks:
            self.node.mine(blocks)
        await anchor_everywhere(self.market.database, Clocks(self.market), self.anchors)  # type: ignore[arg-type]  # of one tenant

    async def anchored(self) -> None:
        """Let the worker and the chain go on until what is due is final."""
        for _ in range(4):
            await self.step(blocks=2)

    async def published(self, people: int = 3) -> dict[str, Any]:
        """Publish a raffle that promises an anchor, and let people buy a ticket each."""
        at(self.market)
        raffle = await published(self.market, with_anchor=True)
        for person in buyers(self.market, people):
            await bought(person, raffle)
        return raffle

    async def receipt_before(self, raffle: dict[str, Any]) -> int:
        """Return what the block of its receipt must come before."""
        ((rules,),) = await self.market.rows(
            "SELECT document::jsonb FROM raffles_rules WHERE tenant_id = $1 AND raffle_id = $2", raffle["id"]
        )
        beacon = rules["beacon"]
        return int(beacon["genesis_time"] + (rules["round"] - 1) * beacon["period_seconds"] - MARGIN)

    def sent(self) -> int:
        """Return how many transactions of the account the chain holds."""
        return int(self.node.ask("eth_getTransactionCount", self.sender, "latest"), 16)

    def spend_nonce(self, nonce: int) -> bytes:
        """Send a transaction of the account that nobody here knows of, and return its hash."""
        self.node.ask("anvil_impersonateAccount", self.sender)
        foreign = {"from": self.sender, "to": self.node.accounts[0], "value": "0x1", "maxFeePerGas": hex(90 * GWEI)}
        return bytes.fromhex(self.node.ask("eth_sendTransaction", foreign | {"nonce": hex(nonce)})[2:])

    async def rows(self) -> list[Any]:
        """Return what is stored of the market's transactions."""
        return await self.market.rows(
            "SELECT hash, purpose, nonce, state, max_fee_wei FROM raffles_anchor_transactions WHERE tenant_id = $1"
            " ORDER BY saved_at"
        )

    def with_limits(self, limits: Limits) -> None:
        """Go on as a process that was started with other limits."""
        self.anchors = anchors_on(self.node.url, place=self.place, limits=limits)


@dataclass(frozen=True)
class Clocks:
    """The tenants as the worker knows them: this one, by the clock that the test has set."""

    market: Market

    async def all(self) -> list[Any]:
        """Return the tenant."""
        return [self.market.tenant]


def offer(market: Market, anchors: EvmAnchors) -> None:
    """Let a market's staff publish raffles with an anchor."""
    market.anchors = OfferedAnchors(anchors, margin_seconds=MARGIN)
    market.staff = market.known_as(market.staff.principal)


async def final(anchorage: Anchorage, raffle: dict[str, Any]) -> dict[str, bytes]:
    """Return what of a raffle is anchored for good, by which transaction; asked past the worker's database."""
    rows = await anchorage.market.as_owner(
        "SELECT purpose, transaction_hash FROM raffles_anchors WHERE raffle_id = $1", raffle["id"]
    )
    return {row["purpose"]: row["transaction_hash"] for row in rows}


async def must_have_given_back(anchorage: Anchorage) -> None:
    """See that every purchase is refunded."""
    market = anchorage.market
    await market.draw()
    await market.settle_down()
    assert (await market.books()).held_minor == 0
