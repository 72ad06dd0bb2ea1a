"""What a request is worth to the shop: when not all can be served, the least worthy are refused first."""

from dataclasses import dataclass
from enum import IntEnum

from luxewin.kit.http.limits import CREDENTIALS, route_class

_BASE = "/api/v1/"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"auth", "cart"})
_ORDERED = frozenset({"orders", "payments"})
_LONG = frozenset({"exports", "ledger"})


class Priority(IntEnum):
    """Kinds of requests, the worthiest first."""

    MONEY = 0
    """What moves an order that stands: payments, confirmations, webhooks, refunds, cancellations."""

    WRITES = 1
    """Placing an order, and every other change."""

    OWN = 2
    """The caller's cart, order and account."""

    CREDENTIALS = 3
    """Logging in and signing up; these mostly wait for a password to be hashed."""

    DETAILS = 4
    """Reading one thing that is the same for everybody."""

    LISTS = 5
    """Lists, searches, exports, imports, pages for people: what is looked at, and can be looked at later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLimits:
    """What a kind may take: a share of the places at work, and how long it is worth waiting for one.

    The long wait bridges a burst. Where a line has stood for a while it is no burst: then whoever joins it may wait
    only for the short time, so that those who are served are served at once.
    """

    share: float
    burst_seconds: float
    standing_seconds: float
    most_at_work: int | None = None
    most_waiting: int | None = None


QUEUE_LIMITS = {
    Priority.MONEY: QueueLimits(share=1.0, burst_seconds=5.0, standing_seconds=5.0),
    Priority.WRITES: QueueLimits(share=0.95, burst_seconds=2.0, standing_seconds=1.0),
    Priority.OWN: QueueLimits(share=0.9, burst_seconds=1.0, standing_seconds=0.5),
    Priority.CREDENTIALS: QueueLimits(
        share=0.9, burst_seconds=2.0, standing_seconds=1.0, most_at_work=8, most_waiting=16
    ),
    Priority.DETAILS: QueueLimits(share=0.8, burst_seconds=1.0, standing_seconds=0.1),
    Priority.LISTS: QueueLimits(share=0.7, burst_seconds=1.0, standing_seconds=0.1),
}
"""The worthiest find a free place even where all others fill theirs. Two threads hash passwords: eight at work keep
them busy, and a wave of logins leaves the other places alone."""


def priority_of(method: str, path: str) -> Priority:
    """Return what a request is worth, by its method and its versioned path."""
    head, _, below = path.removeprefix(_BASE).partition("/")
    if method in _READING:
        return _read_priority(head, below)
    if head in _ORDERED and below:
        return Priority.MONEY
    if route_class(method, path) == CREDENTIALS:
        return Priority.CREDENTIALS
    if head in _OWN:
        return Priority.OWN
    return Priority.LISTS if head == "imports" else Priority.WRITES


def _read_priority(head: str, below: str) -> Priority:
    if head in _OWN or (head in _ORDERED and below):
        return Priority.OWN
    return Priority.DETAILS if below and head not in _LONG else Priority.LISTS
