"""The open connections of a process: their number in total and by address, and which of them make room for others.

A client that does not read what it is sent would hold memory and a place in the table for ever. The table therefore
looks at every connection with unsent data in regular intervals, and aborts those whose client takes less than a minimum
rate. When the table is full, it aborts clients that are not reading and closes connections on which nothing happens,
so that a new client is served although others hold all places.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from luxewin.kit.http.addresses import address_of, rate_limit_key
from luxewin.kit.observability.metrics import CONNECTIONS_ENDED

CHECK_SECONDS = 5.0
PATIENT_CHECKS = 4
"""A client that takes too little during this many checks in a row is cut off."""

SLOWEST_BYTES_PER_SECOND = 1024
_IDLE_SECONDS = 1.0
"""A connection on which nothing has happened for this time may be closed to make room."""

_SHARE_THAT_MAKES_ROOM = 32
"""One in this many places is made free at once, so that the table is not searched for every new connection."""

_SEARCH_SECONDS = 0.1


for _reason in ("not_reading", "idle"):
    CONNECTIONS_ENDED.labels(_reason)  # shown as 0 before it rises


class Connection(Protocol):
    """One connection, as the table sees it."""

    peer: str
    """The address of its client."""

    idle_since: float | None
    """When the last response was complete, by the monotonic clock; None while a request is received or answered."""

    def unsent_bytes(self) -> int:
        """Return the number of bytes that the client has not taken yet."""

    def taken_blocks(self) -> int:
        """Return how often the client has emptied a full buffer so far."""

    def close(self) -> None:
        """Close the connection after everything is sent."""

    def abort(self) -> None:
        """End the connection at once; what is unsent is discarded."""


class _Progress:
    """What a client had taken at the last check, and the number of checks since it took enough."""

    __slots__ = ("blocks", "slow_checks", "unsent")

    def __init__(self) -> None:
        self.unsent = 0
        self.blocks = 0
        self.slow_checks = 0


class ConnectionTable:
    """The connections of a process.

    most: the largest number of connections.
    most_per_address: the largest number of connections of one address (an IPv6 /64 network counts as one).
    unlimited: the networks of proxies, whose connections are those of many clients.
    """

    def __init__(
        self,
        *,
        most: int,
        most_per_address: int,
        unlimited: Sequence[IPv4Network | IPv6Network] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._unlimited = unlimited
        self._clock = clock
        self._connections: dict[Connection, _Progress] = {}
        self._by_address: Counter[str] = Counter()
        self._searched_at = float("-inf")

    def __len__(self) -> int:
        """Return the number of open connections."""
        return len(self._connections)

    def add(self, connection: Connection) -> bool:
        """Add a connection, and return whether it is within the limits, for which others may have to go."""
        address = rate_limit_key(connection.peer)
        self._connections[connection] = _Progress()
        self._by_address[address] += 1
        if self._by_address[address] > self._most_per_address and not self._is_unlimited(connection.peer):
            self._make_room(self._by_address[address] - self._most_per_address, only=address)
            if self._by_address[address] > self._most_per_address:
                return False
        if len(self) > self._most:
            self._make_room(max(1, self._most // _SHARE_THAT_MAKES_ROOM))
        return len(self) <= self._most

    def remove(self, connection: Connection) -> None:
        """Remove a connection that has ended; one that is not in the table is ignored."""
        if self._connections.pop(connection, None) is not None:
            address = rate_limit_key(connection.peer)
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    async def watch(self) -> None:
        """Cut off clients that do not read, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            self.check()

    def check(self) -> None:
        """Compare what each client has taken since the last check with the minimum rate, and abort the slow ones."""
        for connection, progress in list(self._connections.items()):
            unsent = connection.unsent_bytes()
            if unsent and progress.unsent and self._is_slow(connection, progress, unsent):
                progress.slow_checks += 1
                if progress.slow_checks >= PATIENT_CHECKS:
                    self._end(connection, "not_reading", connection.abort)
            else:
                progress.slow_checks = 0
            progress.unsent, progress.blocks = unsent, connection.taken_blocks()

    def _is_slow(self, connection: Connection, progress: _Progress, unsent: int) -> bool:
        taken = progress.unsent - unsent
        return connection.taken_blocks() == progress.blocks and taken < SLOWEST_BYTES_PER_SECOND * CHECK_SECONDS

    def _make_room(self, places: int, *, only: str | None = None) -> None:
        """End connections until so many places are free: first of clients that do not read, then the longest idle."""
        now = self._clock()
        if now - self._searched_at < _SEARCH_SECONDS:
            return
        self._searched_at = now
        candidates = [each for each in self._connections if only is None or rate_limit_key(each.peer) == only]
        stuck = [each for each in candidates if self._connections[each].slow_checks]
        for connection in stuck[:places]:
            self._end(connection, "not_reading", connection.abort)
        idle = [(each.idle_since, number) for number, each in enumerate(candidates) if each.idle_since is not None]
        longest_idle = sorted(entry for entry in idle if now - entry[0] >= _IDLE_SECONDS)
        for _, number in longest_idle[: max(0, places - len(stuck))]:
            connection = candidates[number]
            self._end(connection, "idle", connection.abort if connection.unsent_bytes() else connection.close)

    def _end(self, connection: Connection, reason: str, end: Callable[[], None]) -> None:
        CONNECTIONS_ENDED.labels(reason).inc()
        self.remove(connection)
        end()

    def _is_unlimited(self, peer: str) -> bool:
        address = address_of(peer)
        return address is not None and any(address in network for network in self._unlimited)
