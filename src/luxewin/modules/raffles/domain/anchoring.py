"""The purposes that are anchored for a draw, their signed transactions, and the state of an anchor."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from luxewin.modules.raffles.domain.bundles import Receipt
from luxewin.modules.raffles.domain.draws import Schedule
from luxewin.modules.raffles.domain.encoding import Json, hash_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorLocation:
    """The location of anchors: a contract on a chain, called by a sender; both addresses are 20 bytes."""

    chain_id: int
    contract: bytes
    sender: bytes

    def rules(self, *, margin_seconds: int) -> Json:
        """Return the `anchor` object of a raffle's rules; the margin is the least time between anchor and round."""
        return {**self.document(), "margin_seconds": margin_seconds}

    @classmethod
    def from_rules(cls, rules: Json) -> "AnchorLocation":
        """Return the location that the rules of a raffle name."""
        anchor = rules["anchor"]
        return cls(
            chain_id=anchor["chain_id"],
            contract=bytes.fromhex(anchor["contract"]),
            sender=bytes.fromhex(anchor["sender"]),
        )

    def document(self) -> dict[str, Any]:
        """Return the location in the JSON form of rules and bundles."""
        return {"chain_id": self.chain_id, "contract": self.contract.hex(), "sender": self.sender.hex()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAnchor:
    """The anchor of one version of a raffle's rules; times are Unix seconds.

    `receipt_before` is the round's time minus the margin. The anchoring block must be older than `deadline`: the
    closing time of the previous version, or of this version if it is the first.
    """

    location: AnchorLocation
    raffle_id: UUID
    version: int
    rules_hash: bytes
    previous_rules_hash: bytes | None
    closes_at: int
    receipt_before: int
    deadline: int

    @property
    def key(self) -> str:
        """The purpose's key, unique within the raffle."""
        return rules_key(self.version)

    @property
    def hash(self) -> bytes:
        """The hash to anchor: 32 bytes."""
        return self.rules_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptAnchor:
    """The anchor of the receipt of a raffle's entries, under the newest version of the rules.

    The anchoring block must be older than `deadline` (Unix seconds).
    """

    location: AnchorLocation
    raffle_id: UUID
    version: int
    receipt_hash: bytes
    deadline: int

    @property
    def key(self) -> str:
        """The purpose's key, unique within the raffle."""
        return RECEIPT

    @property
    def hash(self) -> bytes:
        """The hash to anchor: 32 bytes."""
        return self.receipt_hash


Purpose = RulesAnchor | ReceiptAnchor
RECEIPT = "receipt"


def rules_key(version: int) -> str:
    """Return the purpose key of the anchor of a version of the rules."""
    return f"rules:{version}"


def receipt_before(rules: Json) -> int:
    """Return the Unix time that the block of the receipt's anchor must be older than."""
    return Schedule.of(rules).draws_at - int(rules["anchor"]["margin_seconds"])


def rules_anchor(raffle_id: UUID, versions: Sequence[Json]) -> RulesAnchor:
    """Return the anchor of the newest of these versions of a raffle's rules."""
    newest, previous = versions[-1], versions[-2] if len(versions) > 1 else None
    return RulesAnchor(
        location=AnchorLocation.from_rules(newest),
        raffle_id=raffle_id,
        version=newest["version"],
        rules_hash=hash_of(newest),
        previous_rules_hash=None if previous is None else hash_of(previous),
        closes_at=newest["closes_at"],
        receipt_before=receipt_before(newest),
        deadline=(previous or newest)["closes_at"],
    )


def receipt_anchor(receipt: Receipt, rules: Json) -> ReceiptAnchor:
    """Return the anchor of the receipt of a locked list of entries."""
    return ReceiptAnchor(
        location=AnchorLocation.from_rules(rules),
        raffle_id=receipt.raffle_id,
        version=rules["version"],
        receipt_hash=receipt.hash,
        deadline=receipt_before(rules),
    )


class TransactionState(StrEnum):
    """The last observed state of a signed transaction; a reorganisation of the chain may change it."""

    SIGNED = "signed"
    SENT = "sent"
    MINED = "mined"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAnchor:
    """A signed transaction as it is stored, before it is sent; fees are wei per unit of gas."""

    hash: bytes
    raw: bytes
    purpose: str
    raffle_id: UUID
    location: AnchorLocation
    nonce: int
    calldata: bytes
    gas: int
    max_fee_wei: int
    priority_fee_wei: int
    signed_at: int
    state: TransactionState = TransactionState.SIGNED


class AnchorProblem(StrEnum):
    """The reason for which an anchor is delayed, the most severe first; docs/anchor.md has a remedy for each."""

    WRONG_CHAIN = "wrong_chain"
    OTHER_LOCATION = "other_place"
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
    """The progress of an anchor that is not final."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    SENT = "sent"
    MINED = "mined"


def stage_of(signed: Sequence[SignedAnchor]) -> Stage:
    """Return the stage of a purpose that is not on the chain yet, from its stored transactions."""
    if not signed:
        return Stage.UNSIGNED
    return Stage.SIGNED if all(row.state is TransactionState.SIGNED for row in signed) else Stage.SENT


@dataclass(frozen=True, slots=True)
class AnchorPending:
    """The anchor is not final; take another step later.

    `detail` is text for people: a node's message, or the missing nonces.
    """

    stage: Stage
    confirmations: int = 0
    problem: AnchorProblem | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """The anchor is on the chain, with the required number of confirmations."""

    location: AnchorLocation
    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    block_timestamp: int

    def document(self) -> Json:
        """Return the anchor in the JSON form of the proof bundle."""
        return {
            **self.location.document(),
            "transaction_hash": self.transaction_hash.hex(),
            "block_number": self.block_number,
            "block_hash": self.block_hash.hex(),
            "block_timestamp": self.block_timestamp,
        }


@dataclass(frozen=True, slots=True)
class AnchorMissed:
    """The anchor is not on the chain and can no longer be: a block at or after the deadline is confirmed."""

    deadline: int
    block_timestamp: int


@dataclass(frozen=True, slots=True)
class AnchorConflict:
    """Something else was anchored or signed for this purpose; nothing more is sent, and a person must investigate."""

    expected: bytes
    found: bytes


AnchorState = AnchorPending | Anchored | AnchorMissed | AnchorConflict
