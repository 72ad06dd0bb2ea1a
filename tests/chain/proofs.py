"""A complete signed bundle for tests; its beacon is a real round of drand's quicknet."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from luxewin.modules.raffles.domain.anchoring import AnchorLocation, ReceiptAnchor, RulesAnchor
from luxewin.modules.raffles.domain.beacons import QUICKNET, randomness_of
from luxewin.modules.raffles.domain.bundles import Receipt, entries_document, signed_content, unsigned_bundle
from luxewin.modules.raffles.domain.drawing import Blocks, positions, seed_of
from luxewin.modules.raffles.domain.encoding import Json, canonical, commitment, hash_of, holder_tag
from luxewin.modules.raffles.domain.merkle import leaf_hash, root_of, ticket_leaf
from luxewin.modules.raffles.domain.outcome import AwardRules, Ticket, decide

RAFFLE = UUID("018f3a7e-2222-7abc-8def-0123456789ab")
ROUND = 1000
ROUND_SIGNATURE = bytes.fromhex(
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
)
DELAY, MARGIN = 600, 60
CLOSES = QUICKNET.time_of(ROUND) - DELAY
FIRST_CLOSES = CLOSES - 300
GENESIS = CLOSES - 5_000


@dataclass
class Draw:
    """A draw of twenty tickets with two versions of the rules, anchored at a location."""

    location: AnchorLocation
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def rules(self) -> Sequence[Json]:
        """Both versions, oldest first."""
        first = self._version(1, None, FIRST_CLOSES)
        return first, self._version(2, hash_of(first).hex(), CLOSES)

    @property
    def tickets(self) -> list[Ticket]:
        """The entries, sorted by number."""
        salts = {number: hashlib.sha256(b"salt %d" % number).digest() for number in range(1, 21)}
        return [Ticket(number, salt, holder_tag(RAFFLE, UUID(int=number))) for number, salt in salts.items()]

    @property
    def receipt(self) -> Receipt:
        """The receipt of the locked list."""
        entries = [(ticket.number, commitment(salt=ticket.salt, tag=ticket.tag)) for ticket in self.tickets]
        return Receipt(
            raffle_id=RAFFLE,
            rules_hash=hash_of(self.rules[-1]),
            merkle_root=root_of([leaf_hash(ticket_leaf(RAFFLE, number, commit)) for number, commit in entries]),
            entries=len(entries),
            round_number=ROUND,
            locked_at=CLOSES,
        )

    def rules_anchors(self) -> list[RulesAnchor]:
        """The anchors of both versions."""
        previous = None
        anchors = []
        for rules in self.rules:
            due = QUICKNET.time_of(rules["round"]) - MARGIN
            anchors.append(
                RulesAnchor(
                    location=self.location,
                    raffle_id=RAFFLE,
                    version=rules["version"],
                    rules_hash=hash_of(rules),
                    previous_rules_hash=previous,
                    closes_at=rules["closes_at"],
                    receipt_before=due,
                    deadline=FIRST_CLOSES,
                )
            )
            previous = hash_of(rules)
        return anchors

    def receipt_anchor(self) -> ReceiptAnchor:
        """The anchor of the receipt."""
        due = QUICKNET.time_of(ROUND) - MARGIN
        return ReceiptAnchor(
            location=self.location, raffle_id=RAFFLE, version=2, receipt_hash=self.receipt.hash, deadline=due
        )

    def bundle(self, anchor: Json) -> dict[str, Any]:
        """Return the bundle, signed, with this anchor."""
        receipt, tickets = self.receipt, self.tickets
        seed = seed_of(
            chain_hash=QUICKNET.hash,
            round_number=ROUND,
            randomness=randomness_of(ROUND_SIGNATURE),
            raffle_id=RAFFLE,
            merkle_root=receipt.merkle_root,
            entries=receipt.entries,
        )
        award_rules = AwardRules(prizes=2, reserves=1, one_prize_per_person=True, disqualified={})
        drawn = positions(Blocks.of(seed), entries=receipt.entries)
        unsigned = unsigned_bundle(
            rules=self.rules,
            entries=entries_document((t.number, commitment(salt=t.salt, tag=t.tag)) for t in tickets),
            receipt=receipt,
            receipt_signature=self.key.sign(canonical(receipt.document())),
            anchor=anchor,
            beacon_signature=ROUND_SIGNATURE,
            seed=seed,
            outcome=decide(drawn, tickets.__getitem__, award_rules),
        )
        return {**unsigned, "bundle_signature": self.key.sign(signed_content(unsigned)).hex()}

    def _version(self, version: int, previous: str | None, closes_at: int) -> Json:
        return {
            "protocol": "LW1",
            "raffle_id": str(RAFFLE),
            "version": version,
            "previous_rules_hash": previous,
            "title": "A lamp",
            "currency": "EUR",
            "ticket_price": 500,
            "capacity": 100,
            "per_person_limit": None,
            "one_prize_per_person": True,
            "prizes": ["A lamp", "A vase"],
            "reserve_winners": 1,
            "closes_at": closes_at,
            "closes_when_sold_out": False,
            "draw_delay_seconds": DELAY,
            "round": QUICKNET.first_round_at(closes_at + DELAY),
            "beacon": QUICKNET.rules(),
            "signing_key": self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex(),
            "anchor": self.location.rules(margin_seconds=MARGIN),
            "on_missed_anchor": "reschedule",
            "minimum_age": 18,
            "territories": None,
            "free_entry": False,
            "skill_question": False,
        }
