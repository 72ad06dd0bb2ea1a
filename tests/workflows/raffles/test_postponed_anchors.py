"""A raffle that promises an anchor and is postponed: each version of its rules stands on the chain, in its time."""

import time
from dataclasses import replace

from luxewin.modules.raffles.public import OfferedAnchors
from tests.chain.conftest import anchors_on
from tests.workflows.raffles.anchorage import MARGIN, PATIENT, Anchorage, final, must_have_given_back, offer
from tests.workflows.raffles.fair import (
    at,
    locked,
    read,
    refused,
    seen,
    told,
)
from tests.workflows.raffles.test_drawing import must_verify
from tests.workflows.raffles.test_postponing import postpone
from verify import verify_draw


async def test_a_postponed_raffle_has_every_version_of_its_rules_on_the_chain(anchorage: Anchorage) -> None:
    market = anchorage.market
    raffle = await anchorage.published()
    await anchorage.anchored()
    told(await postpone(market, raffle, minutes=30), 200)
    await anchorage.step(blocks=1)
    refused(await postpone(market, raffle, hours=1), 409, "raffles.rules_not_anchored")
    await anchorage.anchored()
    told(await postpone(market, raffle, hours=1), 200)
    await anchorage.anchored()
    assert set(await final(anchorage, raffle)) == {"rules:1", "rules:2", "rules:3"}
    assert (await locked(market, raffle))["status"] == "open"
    at(market, hours=2, seconds=30)
    await market.draw()
    await anchorage.anchored()
    assert (await seen(market, raffle))["status"] == "anchored"
    at(market, hours=3)
    await market.draw()
    proof = await read(market, raffle, "proof")
    must_verify(proof)
    assert verify_draw.look_up_anchor(proof, anchorage.node.url)
    assert (len(proof["rules"]), anchorage.sent()) == (3, 4)


async def test_new_rules_that_come_to_the_chain_after_the_old_closing_end_the_raffle(anchorage: Anchorage) -> None:
    market = anchorage.market
    raffle = await anchorage.published()
    await anchorage.anchored()
    told(await postpone(market, raffle, hours=2), 200)
    at(market, hours=1, seconds=30)
    anchorage.node.mine(3, at=int(time.time()) + 3_700)
    await anchorage.step()
    assert (await seen(market, raffle))["status"] == "cancelled"
    await must_have_given_back(anchorage)
    assert anchorage.sent() == 1


async def test_a_raffle_is_not_postponed_when_its_rules_could_not_be_anchored_in_time(anchorage: Anchorage) -> None:
    market = anchorage.market
    raffle = await anchorage.published()
    await anchorage.anchored()
    at(market, hours=1, seconds=-MARGIN)
    problem = refused(await postpone(market, raffle, hours=2), 409, "raffles.postponed_too_late")
    assert problem["margin_seconds"] == MARGIN


async def test_a_raffle_is_not_postponed_where_its_anchor_is_no_longer_the_installations(anchorage: Anchorage) -> None:
    market = anchorage.market
    raffle = await anchorage.published()
    await anchorage.anchored()
    market.anchors = OfferedAnchors(None, margin_seconds=MARGIN)
    refused(await postpone(market, raffle, hours=2), 503, "raffles.anchor_missing")
    elsewhere = replace(anchorage.place, contract=bytes(20))
    offer(market, anchors_on(anchorage.node.url, place=elsewhere, limits=PATIENT))
    refused(await postpone(market, raffle, hours=2), 503, "raffles.anchor_missing")
