"""The protocol that every beacon implements."""

from dataclasses import dataclass
from typing import Protocol

from luxewin.modules.raffles.domain.beacons import Chain


@dataclass(frozen=True, slots=True)
class InvalidAnswer:
    """An answer of a relay that does not verify under the chain's key; `excerpt` is its beginning."""

    relay: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class BeaconRound:
    """The verified signature of a round, or None if it is not available yet; and the invalid answers received."""

    signature: bytes | None
    invalid_answers: tuple[InvalidAnswer, ...] = ()


class Beacon(Protocol):
    """A source of public randomness; every implementation passes the same contract test."""

    @property
    def chain(self) -> Chain:
        """The chain whose rounds it provides."""

    async def round(self, number: int) -> BeaconRound:
        """Fetch a round in bounded time; a returned signature is verified under the chain's key."""
