"""Rounds over HTTP: only verified signatures are accepted, and no relay can delay or replace a round."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx2
import pytest

from luxewin.modules.raffles.beacons.drand import DrandBeacon
from luxewin.modules.raffles.beacons.protocol import BeaconRound
from tests.modules.raffles.beacons.relays import BEACON, CORRECT, DUE, INVALID, RELAYS, Answer, relay, valid_signature


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=httpx2.Timeout(0.5)) as client:
        yield client


async def fetch_from(http: httpx2.AsyncClient, *answers: Answer) -> BeaconRound:
    """Fetch a round that is due from relays with these answers, in order."""
    async with AsyncExitStack() as running:
        relays = [await running.enter_async_context(relay(answer)) for answer in answers]
        return await DrandBeacon(BEACON.chain, relays, http).round(DUE)


async def test_a_round_is_taken_from_the_first_relay_that_has_it(http: httpx2.AsyncClient) -> None:
    assert await fetch_from(http, CORRECT) == BeaconRound(await valid_signature(DUE))


@pytest.mark.parametrize("kind", RELAYS)
async def test_an_unusable_relay_is_skipped_and_an_invalid_answer_is_reported(
    http: httpx2.AsyncClient, kind: str
) -> None:
    beacon_round = await fetch_from(http, RELAYS[kind], CORRECT)
    assert beacon_round.signature == await valid_signature(DUE)
    assert len(beacon_round.invalid_answers) == (kind in INVALID)


@pytest.mark.parametrize("kind", RELAYS)
async def test_without_a_valid_answer_there_is_no_signature(http: httpx2.AsyncClient, kind: str) -> None:
    assert (await fetch_from(http, RELAYS[kind], RELAYS[kind])).signature is None


async def test_an_unreachable_relay_is_skipped(http: httpx2.AsyncClient) -> None:
    async with relay(CORRECT) as gone:
        pass
    async with relay(CORRECT) as there:
        beacon_round = await DrandBeacon(BEACON.chain, [gone, there], http).round(DUE)
    assert beacon_round == BeaconRound(await valid_signature(DUE))
