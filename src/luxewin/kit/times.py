"""Times as the API shows them: in UTC, with a `Z` at their end (RFC 3339)."""

from datetime import UTC, datetime


def in_utc(time: datetime) -> datetime:
    """Return the same time in UTC.

    Raises:
        ValueError: the time is so early or late that it has no date in UTC.
    """
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be a time between the years 1 and 9999 in UTC") from error


def utc_text(time: datetime) -> str:
    """Return a time as text, such as 2026-05-31T18:00:00Z."""
    return in_utc(time).isoformat().replace("+00:00", "Z")
