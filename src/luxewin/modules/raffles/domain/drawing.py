"""From a round's randomness to positions: deterministic, unbiased, without repetition."""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from uuid import UUID

from luxewin.modules.raffles.domain.encoding import sha256, u64be

_BLOCK_BITS = 256


@dataclass(frozen=True, slots=True)
class Blocks:
    """A source of blocks: `block(c)` for c = 0, 1, 2 … is a uniform whole number below 2^bits."""

    block: Callable[[int], int]
    bits: int = _BLOCK_BITS

    @classmethod
    def of(cls, seed: bytes) -> "Blocks":
        """Return the blocks of a seed: HMAC-SHA256 in counter mode."""
        return cls(lambda counter: int.from_bytes(hmac.digest(seed, b"LW1/idx" + u64be(counter), "sha256"), "big"))

    def uniforms(self) -> Callable[[int], int]:
        """Return a function that gives the next uniform whole number below its argument.

        A block in the last, incomplete multiple of `n` is rejected, since taking it would favour small numbers.
        """
        counters = count()

        def uniform(n: int) -> int:
            limit = (1 << self.bits) // n * n
            while (value := self.block(next(counters))) >= limit:
                pass
            return value % n

        return uniform


def seed_of(
    *, chain_hash: bytes, round_number: int, randomness: bytes, raffle_id: UUID, merkle_root: bytes, entries: int
) -> bytes:
    """Return the seed of a draw: bound to one round of one chain, one raffle and one list of entries; 32 bytes."""
    return sha256(
        b"LW1/seed",
        chain_hash,
        u64be(round_number),
        randomness,
        raffle_id.bytes,
        merkle_root,
        u64be(entries),
    )


def positions(blocks: Blocks, *, entries: int) -> Iterator[int]:
    """Yield every position from 0 to entries - 1 once, in the order in which they are drawn.

    A sparse Fisher–Yates shuffle (Durstenfeld 1964): only what has moved is kept, so k positions take O(k) memory.
    """
    uniform = blocks.uniforms()
    moved: dict[int, int] = {}
    for drawn in range(entries):
        chosen = drawn + uniform(entries - drawn)
        yield moved.get(chosen, chosen)
        moved[chosen] = moved.get(drawn, drawn)
