"""The header `Prefer` of a request (RFC 7240)."""

from luxewin.kit.errors import InvalidInput

_DRY_RUN = "dry-run"


def asks_for_dry_run(prefer: str) -> bool:
    """Return whether a request prefers a dry run: `dry-run`, in any case and beside other preferences.

    Raises:
        InvalidInput: `dry-run` has a value other than `true` or `false`.
    """
    if _DRY_RUN not in prefer.lower():
        return False
    for preference in prefer.split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == _DRY_RUN:
            return _flag(value.strip().strip('"'))
    return False


def _flag(value: str) -> bool:
    if value.lower() not in {"", "true", "false"}:
        raise InvalidInput(f"The preference `dry-run` takes no value, got {value[:20]!r}: send `Prefer: dry-run`")
    return value.lower() != "false"
