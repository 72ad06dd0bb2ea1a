"""What is anchored of a draw, what was signed for it, and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from luxewin.modules.raffles.domain.bundles import Receipt
from luxewin.modules.raffles.domain.draws import Schedule
from luxewin.modules.raffles.domain.encoding import Json, hash_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorPlace:
    """Where anchors are written: a contract on a chain, under a sender; both are 20 bytes."""

    chain_id: int
    contract: bytes
    sender: bytes

    def rules(self, *, margin_seconds: int) -> Json:
        """Return the place as the rules of a raffle name it, with the least time between anchor and round."""
        return {**self.document(), "margin_seconds": margin_seconds}

    @classmethod
    def named_by(cls, rules: Json) -> "AnchorPlace":
        """Return the place that the rules of a raffle name."""
        anchor = rules["anchor"]
        return cls(
            chain_id=anchor["chain_id"],
            contract=bytes.fromhex(anchor["contract"]),
            sender=bytes.fromhex(anchor["sender"]),
        )

    def document(self) -> dict[str, Any]:
        """Return the place as rules and bundles write it."""
        return {"chain_id": self.chain_id, "contract": self.contract.hex(), "sender": self.sender.hex()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAnchor:
    """One version of a raffle's rules, to be anchored; times are Unix seconds.

    `receipt_before` is the round's time less the margin. `deadline` is what the block's time must stay below: the
    closing time of the version before, or of this one if it is the first.
    """

    place: AnchorPlace
    raffle_id: UUID
    version: int
    rules_hash: bytes
    previous_rules_hash: bytes | None
    closes_at: int
    receipt_before: int
    deadline: int

    @property
    def key(self) -> str:
        """What tells this purpose from the others of the same raffle."""
        return rules_key(self.version)

    @property
    def hash(self) -> bytes:
        """What is written: 32 bytes."""
        return self.rules_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptAnchor:
    """The receipt of a raffle's entries, to be anchored under the newest version of the rules, before `deadline`."""

    place: AnchorPlace
    raffle_id: UUID
    version: int
    receipt_hash: bytes
    deadline: int

    @property
    def key(self) -> str:
        """What tells this purpose from the others of the same raffle."""
        return RECEIPT

    @property
    def hash(self) -> bytes:
        """What is written: 32 bytes."""
        return self.receipt_hash


Purpose = RulesAnchor | ReceiptAnchor
RECEIPT = "receipt"


def rules_key(version: int) -> str:
    """Return what tells the anchor of a version of the rules from the others of its raffle."""
    return f"rules:{version}"


def receipt_before(rules: Json) -> int:
    """Return what the time of the block must stay below that anchors a receipt."""
    return Schedule.of(rules).draws_at - int(rules["anchor"]["margin_seconds"])


def rules_anchor(raffle_id: UUID, versions: Sequence[Json]) -> RulesAnchor:
    """Return how the newest version of a raffle's rules is anchored."""
    newest, previous = versions[-1], versions[-2] if len(versions) > 1 else None
    return RulesAnchor(
        place=AnchorPlace.named_by(newest),
        raffle_id=raffle_id,
        version=newest["version"],
        rules_hash=hash_of(newest),
        previous_rules_hash=None if previous is None else hash_of(previous),
        closes_at=newest["closes_at"],
        receipt_before=receipt_before(newest),
        deadline=(previous or newest)["closes_at"],
    )


def receipt_anchor(receipt: Receipt, rules: Json) -> ReceiptAnchor:
    """Return how the receipt of a locked list is anchored."""
    return ReceiptAnchor(
        place=AnchorPlace.named_by(rules),
        raffle_id=receipt.raffle_id,
        version=rules["version"],
        receipt_hash=receipt.hash,
        deadline=receipt_before(rules),
    )


class TransactionState(StrEnum):
    """What was last seen of a signed transaction; the chain has the last word, and a reorganisation may change it."""

    SIGNED = "signed"
    SENT = "sent"
    MINED = "mined"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAnchor:
    """A signed transaction, as it is stored before anybody else sees it; fees are wei for each unit of gas."""

    hash: bytes
    raw: bytes
    purpose: str
    raffle_id: UUID
    place: AnchorPlace
    nonce: int
    calldata: bytes
    gas: int
    max_fee_wei: int
    priority_fee_wei: int
    signed_at: int
    state: TransactionState = TransactionState.SIGNED


class Trouble(StrEnum):
    """Why an anchor does not get on; the gravest first. All of them pass, or a person ends them: docs/anchor.md."""

    WRONG_CHAIN = "wrong_chain"
    OTHER_PLACE = "other_place"
    NO_CONTRACT = "no_contract"
    REFUSED = "refused"
    OUT_OF_FUNDS = "out_of_funds"
    FEE_LIMIT = "fee_limit"
    NONCE_GAP = "nonce_gap"
    NONCE_TAKEN = "nonce_taken"
    NOT_ACCEPTED = "not_accepted"
    DEADLINE_PASSED = "deadline_passed"
    TRANSACTION_UNKNOWN = "transaction_unknown"
    STALE_HEAD = "stale_head"
    NODE_SILENT = "node_silent"


class Stage(StrEnum):
    """How far an anchor has come."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    SENT = "sent"
    MINED = "mined"


def stage_of(signed: Sequence[SignedAnchor]) -> Stage:
    """Return how far the stored transactions of a purpose have come that is not on the chain."""
    if not signed:
        return Stage.UNSIGNED
    return Stage.SIGNED if all(row.state is TransactionState.SIGNED for row in signed) else Stage.SENT


@dataclass(frozen=True, slots=True)
class AnchorPending:
    """It is on its way: ask again. `detail` is for people: a node's words, the nonces that are missing."""

    stage: Stage
    confirmations: int = 0
    trouble: Trouble | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """It stands on the chain, as deep as was demanded."""

    place: AnchorPlace
    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    block_timestamp: int

    def document(self) -> Json:
        """Return the anchor as the proof bundle holds it."""
        return {
            **self.place.document(),
            "transaction_hash": self.transaction_hash.hex(),
            "block_number": self.block_number,
            "block_hash": self.block_hash.hex(),
            "block_timestamp": self.block_timestamp,
        }


@dataclass(frozen=True, slots=True)
class AnchorMissed:
    """It is not on the chain, and can no longer come: a block past the deadline is as deep as was demanded."""

    deadline: int
    block_timestamp: int


@dataclass(frozen=True, slots=True)
class AnchorConflict:
    """Something else is anchored, or was signed, in its place; nothing more is sent, a person must look."""

    expected: bytes
    found: bytes


AnchorState = AnchorPending | Anchored | AnchorMissed | AnchorConflict
