"""What a beacon must be able to do."""

from dataclasses import dataclass
from typing import Protocol

from luxewin.modules.raffles.domain.beacons import Chain


@dataclass(frozen=True, slots=True)
class Lie:
    """What a relay said that the chain's key does not confirm."""

    relay: str
    said: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a round: its verified signature, or None where nobody has it yet; and who lied about it."""

    signature: bytes | None
    lies: tuple[Lie, ...] = ()


class Beacon(Protocol):
    """A source of public randomness; one contract test holds for all."""

    @property
    def chain(self) -> Chain:
        """The chain whose rounds it tells."""

    async def round(self, number: int) -> Heard:
        """Ask for a round, in bounded time; what is returned has been verified against the chain's key."""
