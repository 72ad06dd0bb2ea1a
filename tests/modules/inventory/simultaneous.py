"""Concurrent attempts and their outcomes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable

from luxewin.kit.errors import DomainError

SERVED = "served"


async def outcomes(*attempts: Awaitable[object]) -> Counter[str]:
    """Wait for concurrent attempts and count their outcomes: "served", or the code of the error."""
    results = await asyncio.gather(*attempts, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, DomainError):
            raise result
    return Counter(result.code if isinstance(result, DomainError) else SERVED for result in results)
