"""Rounds over HTTP: only what the chain's key confirms is believed, and no relay can delay or replace a round."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx2
import pytest

from luxewin.modules.raffles.beacons.drand import DrandBeacon
from luxewin.modules.raffles.beacons.protocol import Heard
from tests.modules.raffles.beacons.relays import BEACON, DUE, HONEST, LIARS, RELAYS, Answer, relay, true_signature


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=httpx2.Timeout(0.5)) as client:
        yield client


async def heard_from(http: httpx2.AsyncClient, *answers: Answer) -> Heard:
    """Ask for a round that is due, from relays that answer like this, in order."""
    async with AsyncExitStack() as running:
        relays = [await running.enter_async_context(relay(answer)) for answer in answers]
        return await DrandBeacon(BEACON.chain, relays, http).round(DUE)


async def test_a_round_is_heard_from_the_first_relay_that_has_it(http: httpx2.AsyncClient) -> None:
    assert await heard_from(http, HONEST) == Heard(await true_signature(DUE))


@pytest.mark.parametrize("kind", RELAYS)
async def test_a_bad_relay_is_passed_over_and_a_lie_is_recorded(http: httpx2.AsyncClient, kind: str) -> None:
    heard = await heard_from(http, RELAYS[kind], HONEST)
    assert heard.signature == await true_signature(DUE)
    assert len(heard.lies) == (kind in LIARS)


@pytest.mark.parametrize("kind", RELAYS)
async def test_where_no_relay_has_the_round_it_is_waited_for(http: httpx2.AsyncClient, kind: str) -> None:
    assert (await heard_from(http, RELAYS[kind], RELAYS[kind])).signature is None


async def test_a_relay_that_is_not_there_is_passed_over(http: httpx2.AsyncClient) -> None:
    async with relay(HONEST) as gone:
        pass
    async with relay(HONEST) as there:
        heard = await DrandBeacon(BEACON.chain, [gone, there], http).round(DUE)
    assert heard == Heard(await true_signature(DUE))
