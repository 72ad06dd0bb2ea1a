"""The handles of a file so far."""

from hashlib import blake2b

from .limits import MAX_PRODUCTS
from .problems import NotAProductFile


class Handles:
    """The handles so far, as digests of sixteen bytes, which do not collide in practice."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def is_new(self, handle: str) -> bool:
        """Return whether the handle is new, and add it."""
        if len(self._seen) >= MAX_PRODUCTS:
            raise NotAProductFile(
                f"The file has more than {MAX_PRODUCTS:,} products; split it", reason="too_many_products"
            )
        known_before = len(self._seen)
        self._seen.add(digest(handle))
        return len(self._seen) > known_before


def digest(text: str) -> bytes:
    """Return sixteen bytes that identify a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
