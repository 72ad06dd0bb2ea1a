"""A node, the contract on it, a clock, and what a caller of anchors holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from pydantic import SecretStr

from luxewin.modules.raffles.anchors.evm import EvmAnchors
from luxewin.modules.raffles.anchors.limits import GWEI, Limits
from luxewin.modules.raffles.domain.anchoring import (
    AnchorPlace,
    AnchorState,
    Purpose,
    ReceiptAnchor,
    RulesAnchor,
    SignedAnchor,
)
from tests.chain.anvil import ETHER, GENESIS, Anvil
from tests.chain.ledger import Ledger
from tests.chain.store import Store

KEY = SecretStr("11" * 32)
RAFFLE = UUID("018f0000-0000-7000-8000-000000000001")
OTHER_RAFFLE = UUID("018f0000-0000-7000-8000-000000000002")
CLOSES, LATEST = GENESIS + 10_000, GENESIS + 11_000
LIMITS = Limits(confirmations=3, max_fee_wei=100 * GWEI, bump_seconds=60, stale_seconds=5_000, step_seconds=5)


@dataclass
class World:
    """One sender's anchors on one node, with what is stored of them; `now` is the chain's time unless it is set."""

    node: Anvil
    ledger: Ledger
    anchors: EvmAnchors
    place: AnchorPlace
    store: Store = field(default_factory=Store)
    now: int | None = None

    async def advance(self, purpose: Purpose) -> AnchorState:
        """Take one step."""
        now = self.node.time if self.now is None else self.now
        return await self.anchors.advance(purpose, store=self.store, now=now)

    async def mined(self, purpose: Purpose) -> AnchorState:
        """Have it sent and mined as deep as is demanded, and take a step."""
        await self.advance(purpose)
        self.node.mine(3)
        return await self.advance(purpose)

    def restarted(self, limits: Limits = LIMITS) -> "World":
        """Return the same as a process finds it that has just begun."""
        return World(
            self.node, self.ledger, anchors_on(self.node.url, place=self.place, limits=limits), self.place, self.store
        )

    def rules(self, version: int = 1, *, raffle_id: UUID = RAFFLE, closes_at: int = CLOSES) -> RulesAnchor:
        """Return a version of the rules."""
        return RulesAnchor(
            place=self.place,
            raffle_id=raffle_id,
            version=version,
            rules_hash=bytes([version]) * 32,
            previous_rules_hash=bytes([version - 1]) * 32 if version > 1 else None,
            closes_at=closes_at,
            receipt_before=closes_at + 1_000,
            deadline=min(closes_at, CLOSES),
        )

    def receipt(self, *, receipt_hash: bytes = b"r" * 32, version: int = 1, raffle_id: UUID = RAFFLE) -> ReceiptAnchor:
        """Return a receipt."""
        return ReceiptAnchor(
            place=self.place, raffle_id=raffle_id, version=version, receipt_hash=receipt_hash, deadline=LATEST
        )

    @property
    def rows(self) -> list[SignedAnchor]:
        """Everything that is stored, in order."""
        return list(self.store.rows.values())

    def sent_by_us(self) -> int:
        """Return how many transactions of the sender the chain holds."""
        return int(self.node.ask("eth_getTransactionCount", "0x" + self.place.sender.hex(), "latest"), 16)


def anchors_on(*urls: str, place: AnchorPlace, limits: Limits = LIMITS) -> EvmAnchors:
    """Return anchors through these nodes."""
    return EvmAnchors(
        urls=tuple(map(SecretStr, urls)),
        chain_id=place.chain_id,
        contract=place.contract,
        private_key=KEY,
        limits=limits,
    )


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


@pytest.fixture
async def world(node: Anvil) -> World:
    ledger = Ledger.deployed(node)
    unnamed = AnchorPlace(chain_id=node.chain_id, contract=bytes.fromhex(ledger.address[2:]), sender=bytes(20))
    anchors = anchors_on(node.url, place=unnamed)
    place = await anchors.place()
    node.ask("anvil_setBalance", "0x" + place.sender.hex(), hex(ETHER))
    node.mine()
    return World(node, ledger, anchors, place)
