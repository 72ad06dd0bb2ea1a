"""The table of connections: who makes room when it is full, and who is cut off for not reading."""

from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest

from luxewin.kit.http.connection_table import (
    CHECK_SECONDS,
    PATIENT_CHECKS,
    SLOWEST_BYTES_PER_SECOND,
    ConnectionTable,
)

MOST, MOST_PER_ADDRESS = 8, 4
PROXY = "10.0.0.1"
ENOUGH = int(CHECK_SECONDS * SLOWEST_BYTES_PER_SECOND)


@dataclass(eq=False)
class Peer:
    """A connection that records how it ended."""

    peer: str
    idle_since: float | None = None
    unsent: int = 0
    blocks: int = 0
    ended: list[str] = field(default_factory=list)

    def unsent_bytes(self) -> int:
        return self.unsent

    def taken_blocks(self) -> int:
        return self.blocks

    def close(self) -> None:
        self.ended.append("closed")

    def abort(self) -> None:
        self.ended.append("aborted")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(clock: Clock) -> ConnectionTable:
    return ConnectionTable(
        most=MOST, most_per_address=MOST_PER_ADDRESS, unlimited=[ip_network("10.0.0.0/8")], clock=clock
    )


def fill(table: ConnectionTable, *, idle_since: float | None = None) -> list[Peer]:
    """Fill the table with connections of different addresses."""
    peers = [Peer(f"192.0.2.{number}", idle_since) for number in range(MOST)]
    assert all(table.add(peer) for peer in peers)
    return peers


def test_a_full_table_closes_the_connection_that_has_been_idle_longest(table: ConnectionTable, clock: Clock) -> None:
    peers = fill(table)
    peers[3].idle_since, peers[5].idle_since = clock.now - 20, clock.now - 30
    assert table.add(Peer("198.51.100.1"))
    assert [peer.ended for peer in peers if peer.ended] == [["closed"]]
    assert peers[5].ended == ["closed"]


def test_a_connection_that_became_idle_just_now_stays(table: ConnectionTable, clock: Clock) -> None:
    peers = fill(table, idle_since=clock.now - 0.5)
    assert not table.add(Peer("198.51.100.1"))
    assert [peer.ended for peer in peers if peer.ended] == []


def test_a_request_that_is_served_is_never_ended_to_make_room(table: ConnectionTable) -> None:
    peers = fill(table)
    assert not table.add(Peer("198.51.100.1"))
    assert [peer.ended for peer in peers if peer.ended] == []


def test_a_full_table_of_readers_that_never_read_makes_room_for_a_new_client(
    table: ConnectionTable, clock: Clock
) -> None:
    peers = fill(table)
    for peer in peers:
        peer.unsent = 64_000
    table.check()  # notes what is unsent
    table.check()
    clock.now += 1
    assert table.add(Peer("198.51.100.1"))
    assert [peer.ended for peer in peers if peer.ended] == [["aborted"]]


def test_one_address_has_a_bounded_number_of_connections(table: ConnectionTable) -> None:
    greedy = [Peer("192.0.2.1") for _ in range(MOST_PER_ADDRESS + 1)]
    assert [table.add(peer) for peer in greedy] == [True] * MOST_PER_ADDRESS + [False]
    assert table.add(Peer("192.0.2.2"))
    table.remove(greedy[-1])
    table.remove(greedy[0])
    assert table.add(Peer("192.0.2.1"))


def test_a_network_of_one_ipv6_subscriber_is_one_address(table: ConnectionTable) -> None:
    greedy = [Peer(f"2001:db8:1:2::{number}") for number in range(MOST_PER_ADDRESS + 1)]
    assert [table.add(peer) for peer in greedy] == [True] * MOST_PER_ADDRESS + [False]


def test_an_address_at_its_limit_loses_its_own_idle_connections_and_nobody_elses(
    table: ConnectionTable, clock: Clock
) -> None:
    other = Peer("192.0.2.2", idle_since=0)
    own = [Peer("192.0.2.1", idle_since=clock.now - 10) for _ in range(MOST_PER_ADDRESS)]
    assert all(table.add(peer) for peer in [other, *own])
    assert table.add(Peer("192.0.2.1"))
    assert [peer.ended for peer in own if peer.ended] == [["closed"]]
    assert other.ended == []


def test_a_trusted_proxy_may_have_all_connections(table: ConnectionTable) -> None:
    assert all(table.add(Peer(PROXY)) for _ in range(MOST))


@pytest.mark.parametrize("taken", [0, 1, ENOUGH - 1])
def test_a_client_that_takes_too_little_is_cut_off(table: ConnectionTable, taken: int) -> None:
    slow = Peer("192.0.2.1", unsent=64 << 20)
    table.add(slow)
    table.check()
    for _ in range(PATIENT_CHECKS):
        assert slow.ended == []
        slow.unsent -= taken
        table.check()
    assert slow.ended == ["aborted"]
    assert len(table) == 0


@pytest.mark.parametrize("in_blocks", [True, False])
def test_a_client_on_a_slow_line_is_served_to_the_end(table: ConnectionTable, in_blocks: bool) -> None:
    slow = Peer("192.0.2.1", unsent=100 * ENOUGH)
    table.add(slow)
    while slow.unsent:
        table.check()
        slow.unsent -= 0 if in_blocks and slow.blocks < 50 else ENOUGH
        slow.blocks += in_blocks
    assert slow.ended == []


def test_a_pause_is_forgiven(table: ConnectionTable) -> None:
    client = Peer("192.0.2.1", unsent=100 * ENOUGH)
    table.add(client)
    for _ in range(10):
        for _ in range(PATIENT_CHECKS - 1):
            table.check()
        client.unsent -= ENOUGH
        table.check()
    assert client.ended == []


def test_a_connection_without_unsent_data_is_left_alone(table: ConnectionTable) -> None:
    peers = fill(table)
    for _ in range(10 * PATIENT_CHECKS):
        table.check()
    assert [peer.ended for peer in peers if peer.ended] == []
