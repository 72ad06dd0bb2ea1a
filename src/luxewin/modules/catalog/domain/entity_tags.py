"""The part of a product's entity tag that stands for its stock, which changes without a new version."""

from collections.abc import Iterable
from hashlib import blake2b

_DIGEST_BYTES = 6


def stock_state(stock: Iterable[int | None]) -> str:
    """Return a digest of the stock of the variants, in their order; None: not tracked."""
    numbers = ",".join("" if number is None else str(number) for number in stock)
    return blake2b(numbers.encode(), digest_size=_DIGEST_BYTES).hexdigest()
