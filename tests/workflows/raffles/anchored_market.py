"""Raffles that are anchored on a local chain, with a worker that runs step by step."""

from dataclasses import dataclass, replace
from typing import Any

from luxewin.modules.raffles.anchors.evm import EvmAnchors
from luxewin.modules.raffles.anchors.limits import GWEI, Limits
from luxewin.modules.raffles.domain.anchoring import AnchorLocation
from luxewin.modules.raffles.public import ConfiguredAnchors
from luxewin.workflows.anchor_raffle.jobs import anchor_everywhere
from tests.chain.anvil import Anvil
from tests.chain.conftest import LIMITS, anchors_on
from tests.workflows.market import Market
from tests.workflows.raffles.scenario import (
    buy_tickets,
    customers,
    publish_raffle,
    set_clock,
)

MARGIN = 60
PATIENT_LIMITS = replace(LIMITS, confirmations=2, stale_seconds=20_000)


@dataclass
class AnchoredMarket:
    """A test shop whose raffles are anchored, the node of the chain, and the location of the anchors."""

    market: Market
    node: Anvil
    anchors: EvmAnchors
    location: AnchorLocation

    @property
    def sender(self) -> str:
        """The address of the sender."""
        return "0x" + self.location.sender.hex()

    async def run_worker(self, *, blocks: int = 0) -> None:
        """Mine blocks, and run the worker's anchoring job once."""
        if blocks:
            self.node.mine(blocks)
        await anchor_everywhere(self.market.database, OneTenant(self.market), self.anchors)  # type: ignore[arg-type]  # of one tenant

    async def finish_anchors(self) -> None:
        """Run the worker and mine blocks until the pending anchors are final."""
        for _ in range(4):
            await self.run_worker(blocks=2)

    async def publish_raffle(self, people: int = 3) -> dict[str, Any]:
        """Publish a raffle that promises an anchor, and sell one ticket each to some people."""
        set_clock(self.market)
        raffle = await publish_raffle(self.market, with_anchor=True)
        for person in customers(self.market, people):
            await buy_tickets(person, raffle)
        return raffle

    async def receipt_before(self, raffle: dict[str, Any]) -> int:
        """Return the Unix time that the block of its receipt must be older than."""
        ((rules,),) = await self.market.rows(
            "SELECT document::jsonb FROM raffles_rules WHERE tenant_id = $1 AND raffle_id = $2", raffle["id"]
        )
        beacon = rules["beacon"]
        return int(beacon["genesis_time"] + (rules["round"] - 1) * beacon["period_seconds"] - MARGIN)

    def mined_count(self) -> int:
        """Return the number of mined transactions of the sender."""
        return int(self.node.request("eth_getTransactionCount", self.sender, "latest"), 16)

    def spend_nonce(self, nonce: int) -> bytes:
        """Send a transaction of the sender that is not stored, and return its hash."""
        self.node.request("anvil_impersonateAccount", self.sender)
        foreign = {"from": self.sender, "to": self.node.accounts[0], "value": "0x1", "maxFeePerGas": hex(90 * GWEI)}
        return bytes.fromhex(self.node.request("eth_sendTransaction", foreign | {"nonce": hex(nonce)})[2:])

    async def transactions(self) -> list[Any]:
        """Return the stored transactions of the shop, in the order of saving."""
        return await self.market.rows(
            "SELECT hash, purpose, nonce, state, max_fee_wei FROM raffles_anchor_transactions WHERE tenant_id = $1"
            " ORDER BY saved_at"
        )

    def with_limits(self, limits: Limits) -> None:
        """Replace the anchors by those of a process with other limits."""
        self.anchors = anchors_on(self.node.url, location=self.location, limits=limits)


@dataclass(frozen=True)
class OneTenant:
    """A directory with the shop only, whose clock the test has set."""

    market: Market

    async def all(self) -> list[Any]:
        """Return the tenant."""
        return [self.market.tenant]


def configure_anchors(market: Market, anchors: EvmAnchors) -> None:
    """Configure anchors for a shop, so that its staff can publish raffles with an anchor."""
    market.anchors = ConfiguredAnchors(anchors, margin_seconds=MARGIN)
    market.staff = market.person_as(market.staff.principal)


async def final_anchors_of(setup: AnchoredMarket, raffle: dict[str, Any]) -> dict[str, bytes]:
    """Return the final anchors of a raffle: the transaction hash by purpose; not read through the worker's database."""
    rows = await setup.market.as_owner(
        "SELECT purpose, transaction_hash FROM raffles_anchors WHERE raffle_id = $1", raffle["id"]
    )
    return {row["purpose"]: row["transaction_hash"] for row in rows}


async def must_be_refunded(setup: AnchoredMarket) -> None:
    """Check that every purchase is refunded."""
    market = setup.market
    await market.draw()
    await market.settle_down()
    assert (await market.gateway_totals()).held_minor == 0
