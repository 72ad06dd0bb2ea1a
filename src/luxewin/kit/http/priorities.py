"""Priorities of requests in admission control, and the queue limits of each."""

from dataclasses import dataclass
from enum import IntEnum


class Priority(IntEnum):
    """Priorities of requests; the lower the number, the higher the priority."""

    MONEY = 0
    """Requests that complete or reverse an earlier commitment."""

    WRITES = 1
    """All other changes; the default of routes that change something."""

    OWN = 2
    """Requests for the caller's own objects."""

    CREDENTIALS = 3
    """Requests that verify or set a password; they mostly wait for it to be hashed."""

    DETAILS = 4
    """Reads of one object that is the same for every caller; the default of reads with a parameter in their path."""

    LISTS = 5
    """Lists, searches, file transfers and pages for people; the default of all other reads, and of unknown paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLimits:
    """The limits of one priority's queue.

    share: the part of the concurrency limit that requests of this priority may use.
    burst_seconds: the longest wait while the queue absorbs a burst.
    congested_seconds: the longest wait once the queue has not been empty for a while (see `CONGESTED_AFTER_SECONDS`);
        it is short, so that admitted requests are served at once.
    max_active, max_waiting: bounds on requests in progress and in the queue, if the common bounds are too large.
    """

    share: float
    burst_seconds: float
    congested_seconds: float
    max_active: int | None = None
    max_waiting: int | None = None


QUEUE_LIMITS = {
    Priority.MONEY: QueueLimits(share=1.0, burst_seconds=5.0, congested_seconds=5.0),
    Priority.WRITES: QueueLimits(share=0.95, burst_seconds=2.0, congested_seconds=1.0),
    Priority.OWN: QueueLimits(share=0.9, burst_seconds=1.0, congested_seconds=0.5),
    Priority.CREDENTIALS: QueueLimits(
        share=0.9, burst_seconds=2.0, congested_seconds=1.0, max_active=8, max_waiting=16
    ),
    Priority.DETAILS: QueueLimits(share=0.8, burst_seconds=1.0, congested_seconds=0.1),
    Priority.LISTS: QueueLimits(share=0.7, burst_seconds=1.0, congested_seconds=0.1),
}
"""The highest priority has capacity even if all others use their shares. Two threads hash passwords: eight active
requests keep them busy, and a burst of logins leaves the remaining capacity to others."""
