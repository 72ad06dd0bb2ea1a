"""How long an account rests after failed attempts."""

FREE_ATTEMPTS = 4
LONGEST_LOCK_SECONDS = 900


def lock_seconds(failed_attempts: int) -> int:
    """Return the rest after so many failures in a row: none for the first four, then 1, 2, 4 … seconds, at most 900.

    Doubling makes guessing hopeless (about a hundred guesses a day) without letting a stranger shut an owner out for
    longer than a quarter of an hour at a time.
    """
    if failed_attempts <= FREE_ATTEMPTS:
        return 0
    return min(1 << min(failed_attempts - FREE_ATTEMPTS - 1, 10), LONGEST_LOCK_SECONDS)
