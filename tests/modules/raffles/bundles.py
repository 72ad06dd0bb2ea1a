"""A draw for tests, made with the local beacon and the functions of the module; its bundle has every kind of entry."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from luxewin.modules.raffles.beacons.local import LocalBeacon
from luxewin.modules.raffles.domain import bundles, drawing, merkle
from luxewin.modules.raffles.domain.beacons import randomness_of
from luxewin.modules.raffles.domain.encoding import canonical, commitment, hash_of, holder_tag, u64be
from luxewin.modules.raffles.domain.outcome import AwardRules, SkipReason, Ticket, decide

RAFFLE = UUID("019a0000-0000-7000-8000-000000000001")
CLOSES_AT = 1_780_000_000
LOCKED_AT = CLOSES_AT + 1
BEACON = LocalBeacon(b"only in tests")
NUMBERS = (1, 2, 3, 5, 6, 8, 9, 10, 11)
SIGNER = Ed25519PrivateKey.from_private_bytes(sha256(b"only in tests").digest())


def ticket(number: int, *, people: int = 8) -> Ticket:
    """Return a ticket; `people` holders hold the tickets in turn."""
    tag = holder_tag(RAFFLE, UUID(int=number % people))
    return Ticket(number, sha256(b"salt" + u64be(number)).digest(), tag)


def rules(**changed: Any) -> dict[str, Any]:
    """Return rules that match the published schema, with changes."""
    return {
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
        "round": BEACON.chain.first_round_at(CLOSES_AT + 5),
        "beacon": dict(BEACON.chain.rules()),
        "signing_key": SIGNER.public_key().public_bytes_raw().hex(),
        "anchor": None,
        "on_missed_anchor": None,
        "minimum_age": 18,
        "territories": ["GB"],
        "free_entry": True,
        "skill_question": False,
        **changed,
    }


async def bundle(*, numbers: Sequence[int] = NUMBERS, people: int = 8, **changed: Any) -> dict[str, Any]:
    """Draw, and return the complete signed bundle; ticket 5 is disqualified."""
    tickets = [ticket(number, people=people) for number in numbers]
    frozen = rules(**changed)
    commits = [commitment(salt=entry.salt, tag=entry.tag) for entry in tickets]
    root = merkle.root_of(
        merkle.leaf_hash(merkle.ticket_leaf(RAFFLE, entry.number, commit))
        for entry, commit in zip(tickets, commits, strict=True)
    )
    receipt = bundles.Receipt(
        raffle_id=RAFFLE,
        rules_hash=hash_of(frozen),
        merkle_root=root,
        entries=len(tickets),
        round_number=frozen["round"],
        locked_at=LOCKED_AT,
    )
    beacon_round = await BEACON.round(frozen["round"])
    assert beacon_round.signature is not None
    seed = drawing.seed_of(
        chain_hash=BEACON.chain.hash,
        round_number=frozen["round"],
        randomness=randomness_of(beacon_round.signature),
        raffle_id=RAFFLE,
        merkle_root=root,
        entries=len(tickets),
    )
    award_rules = AwardRules(
        prizes=len(frozen["prizes"]),
        reserves=frozen["reserve_winners"],
        one_prize_per_person=frozen["one_prize_per_person"],
        disqualified={5: (SkipReason.STAFF, 2)},
    )
    drawn = drawing.positions(drawing.Blocks.of(seed), entries=len(tickets))
    unsigned = bundles.unsigned_bundle(
        rules=[frozen],
        entries=bundles.entries_document(
            (entry.number, commit) for entry, commit in zip(tickets, commits, strict=True)
        ),
        receipt=receipt,
        receipt_signature=SIGNER.sign(canonical(receipt.document())),
        anchor=None,
        beacon_signature=beacon_round.signature,
        seed=seed,
        outcome=decide(drawn, lambda position: tickets[position], award_rules),
    )
    return {**unsigned, "bundle_signature": SIGNER.sign(bundles.signed_content(unsigned)).hex()}
