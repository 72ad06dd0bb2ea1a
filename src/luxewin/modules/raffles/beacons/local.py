"""A beacon whose key this installation holds: for development, tests and the demo.

It uses drand's scheme and is verified in the same way; every verification states that the operator holds the key.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256, sha512

from luxewin.modules.raffles.beacons import signatures
from luxewin.modules.raffles.beacons.protocol import BeaconRound
from luxewin.modules.raffles.domain.beacons import Chain

_PERIOD_SECONDS = 1
_GENESIS_TIME = 1_767_225_600  # 2026-01-01T00:00:00Z


class LocalBeacon:
    """Signs a round once it is due."""

    def __init__(self, secret: bytes, *, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._key = signatures.private_key(sha512(secret).digest())
        self._clock = clock
        self.chain = Chain(
            public_key=signatures.public_key_of(self._key),
            group_hash=sha256(b"a group of one").digest(),
            period_seconds=_PERIOD_SECONDS,
            genesis_time=_GENESIS_TIME,
            beacon_id="local",
        )

    def with_clock_offset(self, offset: timedelta) -> "LocalBeacon":
        """Return the same beacon with its clock moved, for a tenant whose clock has this offset."""
        return LocalBeacon(self._secret, clock=lambda: self._clock() + offset.total_seconds()) if offset else self

    async def round(self, number: int) -> BeaconRound:
        """Sign the round; the signature is None if the round is not due."""
        is_due = number >= 1 and self._clock() >= self.chain.time_of(number)
        return BeaconRound(signatures.signature_of(self._key, number) if is_due else None)
