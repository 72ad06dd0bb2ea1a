"""A test shop whose raffles are anchored on a local chain."""

import time
from collections.abc import Iterator

import pytest

from luxewin.modules.raffles.domain.anchoring import AnchorLocation
from tests.chain.anchor_contract import AnchorContract
from tests.chain.anvil import ETHER, Anvil
from tests.chain.conftest import anchors_on
from tests.workflows.market import Market
from tests.workflows.raffles.anchored_market import PATIENT_LIMITS, AnchoredMarket, configure_anchors


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil(genesis=int(time.time())) as node:
        yield node


@pytest.fixture
async def setup(market: Market, node: Anvil) -> AnchoredMarket:
    """A test shop, a node with the contract, and a sender with ether."""
    contract = AnchorContract.deployed(node)
    location = AnchorLocation(chain_id=node.chain_id, contract=bytes.fromhex(contract.address[2:]), sender=bytes(20))
    location = await anchors_on(node.url, location=location, limits=PATIENT_LIMITS).location()
    await market.as_owner("DELETE FROM raffles_anchor_transactions")  # of nodes that earlier tests have ended
    node.request("anvil_setBalance", "0x" + location.sender.hex(), hex(ETHER))
    node.mine()
    anchors = anchors_on(node.url, location=location, limits=PATIENT_LIMITS)
    configure_anchors(market, anchors)
    return AnchoredMarket(market, node, anchors, location)
