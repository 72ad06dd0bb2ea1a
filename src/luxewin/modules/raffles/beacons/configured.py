"""The beacons that this installation knows: one for new raffles, and those that earlier ones name."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2

from luxewin.modules.raffles.beacons.drand import DrandBeacon
from luxewin.modules.raffles.beacons.local import LocalBeacon
from luxewin.modules.raffles.beacons.protocol import Beacon
from luxewin.modules.raffles.domain.beacons import QUICKNET, Chain
from luxewin.modules.raffles.errors import BeaconMissing
from luxewin.modules.raffles.settings import BeaconSettings

_RELAY_SECONDS = 5.0


class Beacons:
    """Finds the beacon that a raffle's rules name; the first one given is what new rules name."""

    def __init__(self, beacons: Sequence[DrandBeacon | LocalBeacon]) -> None:
        self._beacons = {beacon.chain.hash: beacon for beacon in beacons}
        self.chain: Chain = beacons[0].chain

    def named(self, chain_hash: bytes, *, clock_offset: timedelta) -> Beacon:
        """Return the beacon of a chain; one of our own follows the clock of the tenant that asks.

        Raises:
            BeaconMissing: it is not configured here.
        """
        beacon = self._beacons.get(chain_hash)
        if beacon is None:
            raise BeaconMissing(chain_hash=chain_hash.hex())
        return beacon.ahead(clock_offset) if isinstance(beacon, LocalBeacon) else beacon


@asynccontextmanager
async def opened_beacons(settings: BeaconSettings, secret: bytes, *, is_production: bool) -> AsyncIterator[Beacons]:
    """Open the beacons of an installation, the one that new raffles name first; production knows no local one."""
    async with httpx2.AsyncClient(timeout=_RELAY_SECONDS) as http:
        known: list[DrandBeacon | LocalBeacon] = [DrandBeacon(QUICKNET, settings.relays, http)]
        if not is_production:
            known.insert(0 if settings.name == "local" else 1, LocalBeacon(secret))
        yield Beacons(known)
