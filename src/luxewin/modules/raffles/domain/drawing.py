"""Drawing positions from a round's randomness: deterministic, unbiased, without repetition."""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from uuid import UUID

from luxewin.modules.raffles.domain.encoding import sha256, u64be

_BLOCK_BITS = 256


@dataclass(frozen=True, slots=True)
class Blocks:
    """A source of random blocks: `block(c)` for c = 0, 1, 2 … is a uniform integer below 2^bits."""

    block: Callable[[int], int]
    bits: int = _BLOCK_BITS

    @classmethod
    def of(cls, seed: bytes) -> "Blocks":
        """Return the blocks that HMAC-SHA256 in counter mode derives from a seed."""
        return cls(lambda counter: int.from_bytes(hmac.digest(seed, b"LW1/idx" + u64be(counter), "sha256"), "big"))

    def uniforms(self) -> Callable[[int], int]:
        """Return a function that returns the next uniform integer below its argument `n`.

        Rejection sampling: a block at or above the largest multiple of `n` is discarded, since `% n` would favour
        small numbers.
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

    A sparse Fisher–Yates shuffle (Durstenfeld 1964): only moved elements are stored, so k positions take O(k) memory.
    """
    uniform = blocks.uniforms()
    moved: dict[int, int] = {}
    for drawn in range(entries):
        chosen = drawn + uniform(entries - drawn)
        yield moved.get(chosen, chosen)
        moved[chosen] = moved.get(drawn, drawn)
