"""Draws for tests, made with the functions of the module and a test key, with any rules, entries and skips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256, sha512
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from luxewin.modules.raffles.beacons import signatures
from luxewin.modules.raffles.beacons.local import LocalBeacon
from luxewin.modules.raffles.domain import bundles, drawing, merkle
from luxewin.modules.raffles.domain.beacons import QUICKNET, Chain, randomness_of
from luxewin.modules.raffles.domain.encoding import Json, canonical, commitment, hash_of, holder_tag, u64be
from luxewin.modules.raffles.domain.outcome import AwardRules, SkipReason, Ticket, decide
from luxewin.modules.raffles.domain.raffles import rescheduled_rules

RAFFLE = UUID("019a0000-0000-7000-8000-000000000001")
CLOSES_AT = 1_780_000_000
LOCKED_AT = CLOSES_AT + 1
SECRET = b"only in tests"
BEACON = LocalBeacon(SECRET)
NUMBERS = (1, 2, 3, 5, 6, 8, 9, 10, 11)
SIGNER = Ed25519PrivateKey.from_private_bytes(sha256(SECRET).digest())
ANCHOR: Json = {"chain_id": 31337, "contract": "c0" * 20, "sender": "5e" * 20, "margin_seconds": 60}
QUICKNET_SIGNATURES: Mapping[int, str] = {
    1000: "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
    32281667: "b0f5ae301358ff87a9d3dd539ed4a07c0148b1ab4f7b61a8ca43c7e9ca7ca9553e4faae9188deb30b2cd1a7f447e3e5b",
}
"""Signatures of real rounds of drand's quicknet."""


def rules(chain: Chain = BEACON.chain, **changed: Any) -> dict[str, Any]:
    """Return version 1 of rules that match the published schema, with changes; the round follows from them."""
    frozen = {
        "protocol": "LW1",
        "raffle_id": str(RAFFLE),
        "version": 1,
        "previous_rules_hash": None,
        "title": "Café lamp",
        "currency": "USD",
        "ticket_price": 500,
        "capacity": 100,
        "per_person_limit": None,
        "one_prize_per_person": True,
        "prizes": ["Lamp", "Vase"],
        "reserve_winners": 2,
        "closes_at": CLOSES_AT,
        "closes_when_sold_out": False,
        "draw_delay_seconds": 5,
        "round": None,
        "beacon": dict(chain.rules()),
        "signing_key": SIGNER.public_key().public_bytes_raw().hex(),
        "anchor": None,
        "on_missed_anchor": None,
        "minimum_age": 18,
        "territories": ["GB"],
        "free_entry": True,
        "skill_question": False,
        **changed,
    }
    if frozen["round"] is None:
        frozen["round"] = chain.first_round_at(frozen["closes_at"] + frozen["draw_delay_seconds"])
    return frozen


def rescheduled(first: Json, *closing_times: int) -> list[Json]:
    """Return version 1 of the rules, and one more for each later closing time (Unix seconds)."""
    versions = [first]
    for closes_at in closing_times:
        versions.append(rescheduled_rules(versions[-1], datetime.fromtimestamp(closes_at, UTC)))
    return versions


@dataclass(frozen=True, kw_only=True)
class Draw:
    """A draw that is still to be computed; `people` holders hold the tickets in turn."""

    versions: Sequence[Json] = field(default_factory=lambda: [rules()])
    numbers: Sequence[int] = NUMBERS
    people: int = 8
    disqualified: Mapping[int, SkipReason] = field(default_factory=lambda: {5: SkipReason.STAFF})
    locked_at: int = LOCKED_AT
    anchor: Json | None = None
    signer: Ed25519PrivateKey = SIGNER

    @property
    def raffle_id(self) -> UUID:
        """The raffle's id."""
        return UUID(self.versions[-1]["raffle_id"])

    def holder_of(self, number: int) -> UUID:
        """Return the account that holds a ticket."""
        return UUID(int=number % self.people)

    def ticket(self, number: int) -> Ticket:
        """Return a ticket, whose salt follows from its number."""
        tag = holder_tag(self.raffle_id, self.holder_of(number))
        return Ticket(number, sha256(b"salt" + u64be(number)).digest(), tag)

    def entries(self) -> list[tuple[int, bytes]]:
        """Return number and commit of each entry."""
        tickets = map(self.ticket, self.numbers)
        return [(ticket.number, commitment(salt=ticket.salt, tag=ticket.tag)) for ticket in tickets]

    def receipt(self) -> bundles.Receipt:
        """Return the receipt of the entries."""
        return bundles.Receipt(
            raffle_id=self.raffle_id,
            rules_hash=hash_of(self.versions[-1]),
            merkle_root=merkle.root_of_entries(self.raffle_id, self.entries()),
            entries=len(self.numbers),
            round_number=self.versions[-1]["round"],
            locked_at=self.locked_at,
        )

    def beacon_signature(self) -> bytes:
        """Return the signature of the round: drand's for quicknet, else made with the key of the tests."""
        number = self.versions[-1]["round"]
        if self.versions[-1]["beacon"]["beacon_id"] == QUICKNET.beacon_id:
            return bytes.fromhex(QUICKNET_SIGNATURES[number])
        return signatures.signature_of(signatures.private_key(sha512(SECRET).digest()), number)

    def seed(self) -> bytes:
        """Return the seed, 32 bytes."""
        receipt = self.receipt()
        return drawing.seed_of(
            chain_hash=bytes.fromhex(self.versions[-1]["beacon"]["chain_hash"]),
            round_number=receipt.round_number,
            randomness=randomness_of(self.beacon_signature()),
            raffle_id=self.raffle_id,
            merkle_root=receipt.merkle_root,
            entries=receipt.entries,
        )

    def bundle(self) -> dict[str, Any]:
        """Draw, and return the complete signed bundle."""
        newest, receipt, seed = self.versions[-1], self.receipt(), self.seed()
        award_rules = AwardRules(
            prizes=len(newest["prizes"]),
            reserves=newest["reserve_winners"],
            one_prize_per_person=newest["one_prize_per_person"],
            disqualified={number: (reason, 2) for number, reason in self.disqualified.items()},
        )
        drawn = drawing.positions(drawing.Blocks.of(seed), entries=receipt.entries)
        unsigned = bundles.unsigned_bundle(
            rules=self.versions,
            entries=bundles.entries_document(self.entries()),
            receipt=receipt,
            receipt_signature=self.signer.sign(canonical(receipt.document())),
            anchor=self.anchor,
            beacon_signature=self.beacon_signature(),
            seed=seed,
            outcome=decide(drawn, lambda position: self.ticket(self.numbers[position]), award_rules),
        )
        return signed(unsigned, self.signer)


def signed(unsigned: Json, signer: Ed25519PrivateKey = SIGNER) -> dict[str, Any]:
    """Return a bundle with its signature."""
    return {**unsigned, "bundle_signature": signer.sign(bundles.signed_content(unsigned)).hex()}


def bundle(*, numbers: Sequence[int] = NUMBERS, people: int = 8, **changed: Any) -> dict[str, Any]:
    """Draw with one version of the rules, and return the complete signed bundle; ticket 5 is disqualified."""
    return Draw(versions=[rules(**changed)], numbers=numbers, people=people).bundle()
