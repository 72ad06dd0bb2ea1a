"""The beacons that are configured: the one for new raffles, and those that existing raffles name."""

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

_RELAY_TIMEOUT_SECONDS = 5.0


class Beacons:
    """Beacons by the hash of their chain; new raffles use the first one, whose chain is `chain`."""

    def __init__(self, beacons: Sequence[DrandBeacon | LocalBeacon]) -> None:
        self._beacons = {beacon.chain.hash: beacon for beacon in beacons}
        self.chain: Chain = beacons[0].chain

    def get(self, chain_hash: bytes, *, clock_offset: timedelta) -> Beacon:
        """Return the beacon of a chain; a local beacon follows the tenant's clock.

        Raises:
            BeaconMissing: it is not configured here.
        """
        beacon = self._beacons.get(chain_hash)
        if beacon is None:
            raise BeaconMissing(
                f"No beacon of the chain `{chain_hash.hex()}` is configured here", chain_hash=chain_hash.hex()
            )
        return beacon.with_clock_offset(clock_offset) if isinstance(beacon, LocalBeacon) else beacon


@asynccontextmanager
async def open_beacons(settings: BeaconSettings, secret: bytes, *, is_production: bool) -> AsyncIterator[Beacons]:
    """Open the beacons, the configured one first; in production there is no local beacon."""
    async with httpx2.AsyncClient(timeout=_RELAY_TIMEOUT_SECONDS) as http:
        beacons: list[DrandBeacon | LocalBeacon] = [DrandBeacon(QUICKNET, settings.relays, http)]
        if not is_production:
            beacons.insert(0 if settings.name == "local" else 1, LocalBeacon(secret))
        yield Beacons(beacons)
