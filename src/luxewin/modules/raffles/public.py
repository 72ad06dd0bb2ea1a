"""The front door of raffles: the protocol of draws, which anybody may recompute, and the beacon they are drawn from."""

from luxewin.modules.raffles.beacons.drand import DrandBeacon
from luxewin.modules.raffles.beacons.signatures import verifies
from luxewin.modules.raffles.domain.beacons import QUICKNET, randomness_of
from luxewin.modules.raffles.domain.bundles import entries_of
from luxewin.modules.raffles.domain.drawing import Blocks, positions, seed_of
from luxewin.modules.raffles.domain.merkle import root_of_entries

__all__ = [
    "QUICKNET",
    "Blocks",
    "DrandBeacon",
    "entries_of",
    "positions",
    "randomness_of",
    "root_of_entries",
    "seed_of",
    "verifies",
]
