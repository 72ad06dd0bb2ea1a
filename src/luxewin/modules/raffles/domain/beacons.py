"""Public randomness: the drand chain that a raffle's rules name, the time of a round, and the message it signs."""

from dataclasses import dataclass
from typing import Literal

from luxewin.modules.raffles.domain.encoding import Json, sha256, u64be

SCHEME = "bls-unchained-g1-rfc9380"
BeaconId = Literal["quicknet", "local"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The constants of a drand chain: its key in G2 (96 bytes, compressed), its period, the Unix time of round 1."""

    public_key: bytes
    group_hash: bytes
    period_seconds: int
    genesis_time: int
    beacon_id: BeaconId

    @property
    def hash(self) -> bytes:
        """The chain's identifier: SHA-256 over its constants, as drand computes it."""
        return sha256(
            self.period_seconds.to_bytes(4, "big"),
            self.genesis_time.to_bytes(8, "big", signed=True),
            self.public_key,
            self.group_hash,
            self.beacon_id.encode(),
        )

    @property
    def is_local(self) -> bool:
        """True if this installation holds the signing key: then a draw proves nothing about its operator."""
        return self.beacon_id == "local"

    def time_of(self, round_number: int) -> int:
        """Return the Unix time at which a round is due."""
        return self.genesis_time + (round_number - 1) * self.period_seconds

    def first_round_at(self, time: int) -> int:
        """Return the first round that is due at or after a Unix time, at least round 1."""
        elapsed = max(0, time - self.genesis_time)
        return (elapsed + self.period_seconds - 1) // self.period_seconds + 1

    @classmethod
    def from_rules(cls, rules: Json) -> "Chain":
        """Return the chain that the rules of a raffle name."""
        beacon = rules["beacon"]
        return cls(
            public_key=bytes.fromhex(beacon["public_key"]),
            group_hash=bytes.fromhex(beacon["group_hash"]),
            period_seconds=beacon["period_seconds"],
            genesis_time=beacon["genesis_time"],
            beacon_id=beacon["beacon_id"],
        )

    def rules(self) -> Json:
        """Return the `beacon` object of a raffle's rules."""
        return {
            "chain_hash": self.hash.hex(),
            "public_key": self.public_key.hex(),
            "group_hash": self.group_hash.hex(),
            "period_seconds": self.period_seconds,
            "genesis_time": self.genesis_time,
            "beacon_id": self.beacon_id,
            "scheme": SCHEME,
        }


QUICKNET = Chain(
    public_key=bytes.fromhex(
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
        "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    group_hash=bytes.fromhex("f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e"),
    period_seconds=3,
    genesis_time=1_692_803_367,
    beacon_id="quicknet",
)
"""The unchained network of the League of Entropy: a threshold of independent operators signs every round."""


def message_of(round_number: int) -> bytes:
    """Return the message that an unchained round signs: SHA-256 of the round number, 32 bytes."""
    return sha256(u64be(round_number))


def randomness_of(signature: bytes) -> bytes:
    """Return the randomness of a round, 32 bytes: computed from its verified signature, not read from a relay."""
    return sha256(signature)
