"""Read and change the rate limits of the installation, in a transaction of the platform."""

from collections.abc import Sequence
from dataclasses import replace

from luxewin.kit.http.limits import PUBLISHED_LIMITS
from luxewin.kit.transaction import Transaction
from luxewin.modules.tenants import repository
from luxewin.modules.tenants.domain import RateLimit
from luxewin.modules.tenants.errors import RateLimitUnknown


async def list_limits(tx: Transaction) -> Sequence[RateLimit]:
    """Return every rate limit, changed or not."""
    stored = await repository.rate_limits(tx)
    return [stored.get(name, RateLimit(name=name, requests_per_minute=None, version=0)) for name in PUBLISHED_LIMITS]


async def get_limit(tx: Transaction, name: str) -> RateLimit:
    """Return a rate limit.

    Raises:
        RateLimitUnknown: there is none of this name.
    """
    found = next((limit for limit in await list_limits(tx) if limit.name == name), None)
    if found is None:
        raise RateLimitUnknown
    return found


def change_limit(tx: Transaction, limit: RateLimit, *, requests_per_minute: int | None) -> RateLimit:
    """Change a rate limit that was read in this transaction; None returns it to its default.

    Raises:
        TenantChangedMeanwhile: (at the flush) another transaction changed it first.
    """
    after = replace(limit, requests_per_minute=requests_per_minute, version=limit.version + 1)
    tx.write(repository.store_limit(limit, after))
    tx.audit(
        "tenants.rate_limit_changed",
        target=limit.name,
        before={"requests_per_minute": limit.requests_per_minute},
        after={"requests_per_minute": requests_per_minute},
    )
    return after
