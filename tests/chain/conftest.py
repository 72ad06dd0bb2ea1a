"""Fixtures for anchors: a node, the contract on it, a clock and a store."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from pydantic import SecretStr

from luxewin.modules.raffles.anchors.evm import EvmAnchors
from luxewin.modules.raffles.anchors.limits import GWEI, Limits
from luxewin.modules.raffles.domain.anchoring import (
    AnchorLocation,
    AnchorState,
    Purpose,
    ReceiptAnchor,
    RulesAnchor,
    SignedAnchor,
)
from tests.chain.anchor_contract import AnchorContract
from tests.chain.anvil import ETHER, GENESIS, Anvil
from tests.chain.memory_store import InMemoryStore

KEY = SecretStr("11" * 32)
RAFFLE = UUID("018f0000-0000-7000-8000-000000000001")
OTHER_RAFFLE = UUID("018f0000-0000-7000-8000-000000000002")
CLOSES, LATEST = GENESIS + 10_000, GENESIS + 11_000
LIMITS = Limits(confirmations=3, max_fee_wei=100 * GWEI, bump_seconds=60, stale_seconds=5_000, step_seconds=5)


@dataclass
class AnchorEnvironment:
    """The anchors of one sender on one node, with their store; `now` is the chain's time unless it is set."""

    node: Anvil
    contract: AnchorContract
    anchors: EvmAnchors
    location: AnchorLocation
    store: InMemoryStore = field(default_factory=InMemoryStore)
    now: int | None = None

    async def advance(self, purpose: Purpose) -> AnchorState:
        """Take one step."""
        now = self.node.time if self.now is None else self.now
        return await self.anchors.advance(purpose, store=self.store, now=now)

    async def mined(self, purpose: Purpose) -> AnchorState:
        """Send the anchor, mine its confirmations, and return the state after another step."""
        await self.advance(purpose)
        self.node.mine(3)
        return await self.advance(purpose)

    def restarted(self, limits: Limits = LIMITS) -> "AnchorEnvironment":
        """Return the environment of a restarted process: an empty store, and new anchors."""
        return AnchorEnvironment(
            self.node,
            self.contract,
            anchors_on(self.node.url, location=self.location, limits=limits),
            self.location,
            self.store,
        )

    def rules(self, version: int = 1, *, raffle_id: UUID = RAFFLE, closes_at: int = CLOSES) -> RulesAnchor:
        """Return the anchor of a version of the rules."""
        return RulesAnchor(
            location=self.location,
            raffle_id=raffle_id,
            version=version,
            rules_hash=bytes([version]) * 32,
            previous_rules_hash=bytes([version - 1]) * 32 if version > 1 else None,
            closes_at=closes_at,
            receipt_before=closes_at + 1_000,
            deadline=min(closes_at, CLOSES),
        )

    def receipt(self, *, receipt_hash: bytes = b"r" * 32, version: int = 1, raffle_id: UUID = RAFFLE) -> ReceiptAnchor:
        """Return the anchor of a receipt."""
        return ReceiptAnchor(
            location=self.location, raffle_id=raffle_id, version=version, receipt_hash=receipt_hash, deadline=LATEST
        )

    @property
    def rows(self) -> list[SignedAnchor]:
        """All stored transactions, in the order of saving."""
        return list(self.store.rows.values())

    def mined_count(self) -> int:
        """Return the number of mined transactions of the sender."""
        return int(self.node.request("eth_getTransactionCount", "0x" + self.location.sender.hex(), "latest"), 16)


def anchors_on(*urls: str, location: AnchorLocation, limits: Limits = LIMITS) -> EvmAnchors:
    """Return anchors that use these nodes."""
    return EvmAnchors(
        urls=tuple(map(SecretStr, urls)),
        chain_id=location.chain_id,
        contract=location.contract,
        private_key=KEY,
        limits=limits,
    )


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


@pytest.fixture
async def env(node: Anvil) -> AnchorEnvironment:
    contract = AnchorContract.deployed(node)
    without_sender = AnchorLocation(
        chain_id=node.chain_id, contract=bytes.fromhex(contract.address[2:]), sender=bytes(20)
    )
    anchors = anchors_on(node.url, location=without_sender)
    location = await anchors.location()
    node.request("anvil_setBalance", "0x" + location.sender.hex(), hex(ETHER))
    node.mine()
    return AnchorEnvironment(node, contract, anchors, location)
