"""Attempts that are made at the same moment, and how they end."""

import asyncio
from collections import Counter
from collections.abc import Awaitable

from luxewin.kit.errors import DomainError

SERVED = "served"


async def outcomes(*attempts: Awaitable[object]) -> Counter[str]:
    """Wait for simultaneous attempts and count how they ended: served, or by the code of the refusal."""
    results = await asyncio.gather(*attempts, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, DomainError):
            raise result
    return Counter(result.code if isinstance(result, DomainError) else SERVED for result in results)
