"""Lock durations after failed attempts.

Attempts are counted by account and by the network that they come from: guesses from elsewhere never lock out a network
from which the owner has logged in. Networks that are not known are counted together as well, so that many machines
cannot share the guesses between them.
"""

FREE_ATTEMPTS = 4
"""Failures in a row of one network for one account, before it is locked."""

FREE_ATTEMPTS_OF_STRANGERS = 20
"""Failures for one account of all networks from which it has not logged in, before they are locked together."""

LONGEST_LOCK_SECONDS = 900


def lock_seconds(failed_attempts: int, *, free_attempts: int = FREE_ATTEMPTS) -> int:
    """Return the lock after this many failures: 0 for the free ones, then 1, 2, 4 … seconds, at most 900.

    Doubling limits guessing to about a hundred guesses a day, and no lock is longer than 15 minutes.
    """
    if failed_attempts <= free_attempts:
        return 0
    return min(1 << min(failed_attempts - free_attempts - 1, 10), LONGEST_LOCK_SECONDS)
