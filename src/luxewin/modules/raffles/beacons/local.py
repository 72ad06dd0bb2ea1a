"""A beacon whose key this installation holds: for development, tests and the demo, where nothing is at stake.

It speaks the same scheme as drand and passes the same verification, and every verdict about it says who holds the key.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256, sha512

from luxewin.modules.raffles.beacons import signatures
from luxewin.modules.raffles.beacons.protocol import Heard
from luxewin.modules.raffles.domain.beacons import Chain

_PERIOD_SECONDS = 1
_GENESIS_TIME = 1_767_225_600  # the beginning of 2026


class LocalBeacon:
    """Signs a round as soon as it is due, and no earlier."""

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

    def ahead(self, by: timedelta) -> "LocalBeacon":
        """Return the same beacon for a tenant whose clock is ahead of this machine's."""
        return LocalBeacon(self._secret, clock=lambda: self._clock() + by.total_seconds()) if by else self

    async def round(self, number: int) -> Heard:
        """Sign the round, if it is due."""
        due = number >= 1 and self._clock() >= self.chain.time_of(number)
        return Heard(signatures.signature_of(self._key, number) if due else None)
