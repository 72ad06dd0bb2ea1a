"""Lock durations after failed attempts."""

FREE_ATTEMPTS = 4
LONGEST_LOCK_SECONDS = 900


def lock_seconds(failed_attempts: int) -> int:
    """Return the lock after this many failures in a row: 0 for the first four, then 1, 2, 4 … seconds, at most 900.

    Doubling limits guessing to about a hundred guesses a day, and a stranger cannot lock the owner out for longer than
    15 minutes at a time.
    """
    if failed_attempts <= FREE_ATTEMPTS:
        return 0
    return min(1 << min(failed_attempts - FREE_ATTEMPTS - 1, 10), LONGEST_LOCK_SECONDS)
