"""A market whose raffles are anchored on a real chain."""

import time
from collections.abc import Iterator

import pytest

from luxewin.modules.raffles.domain.anchoring import AnchorPlace
from tests.chain.anvil import ETHER, Anvil
from tests.chain.conftest import anchors_on
from tests.chain.ledger import Ledger
from tests.workflows.market import Market
from tests.workflows.raffles.anchorage import PATIENT, Anchorage, offer


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil(genesis=int(time.time())) as node:
        yield node


@pytest.fixture
async def anchorage(market: Market, node: Anvil) -> Anchorage:
    """Everything that an anchored raffle needs."""
    ledger = Ledger.deployed(node)
    place = AnchorPlace(chain_id=node.chain_id, contract=bytes.fromhex(ledger.address[2:]), sender=bytes(20))
    place = await anchors_on(node.url, place=place, limits=PATIENT).place()
    await market.as_owner("DELETE FROM raffles_anchor_transactions")  # of nodes that earlier tests have ended
    node.ask("anvil_setBalance", "0x" + place.sender.hex(), hex(ETHER))
    node.mine()
    anchors = anchors_on(node.url, place=place, limits=PATIENT)
    offer(market, anchors)
    return Anchorage(market, node, anchors, place)
