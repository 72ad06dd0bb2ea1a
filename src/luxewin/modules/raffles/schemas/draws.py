"""Response bodies for the public data of a draw."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from luxewin.kit.http.fields import View
from luxewin.modules.raffles.domain.claims import Winner
from luxewin.modules.raffles.domain.draws import LeftOut, Lock
from luxewin.modules.raffles.domain.outcome import APPROVALS
from luxewin.modules.raffles.domain.raffles import Prize
from luxewin.modules.raffles.schemas.raffles import RAFFLE_ID

_HASH = "9f2c6d2ad6a1c1a1b5be0a5ef2e8b2b7f3f0e7ac1f0f7c6cc5a3f1d6f4b3a2c1"
_COMMIT = "5f1b1c4f6f5f6a7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3e4f5"
_SIGNATURE = _HASH + _COMMIT
_ROUND_SIGNATURE = (_HASH + _COMMIT)[:96]
_RECEIPT: JsonValue = {
    "raffle_id": RAFFLE_ID,
    "rules_hash": _HASH,
    "merkle_root": _HASH,
    "entries": 1,
    "round": 41000000,
    "locked_at": 1798135201,
}
_ENTRIES: dict[str, JsonValue] = {"numbers": [[121, 121]], "commits": _COMMIT}
_WINNER: JsonValue = {
    "place": 1,
    "prize": 1,
    "name": "Oslo Lounge Chair",
    "number": 121,
    "status": "winner",
    "claim_by": "2027-01-07T18:10:00Z",
    "refusal": None,
}
_INCLUSION: JsonValue = {
    "raffle_id": RAFFLE_ID,
    "number": 121,
    "commit": _COMMIT,
    "position": 0,
    "path": [],
    "receipt": _RECEIPT,
    "receipt_signature": _SIGNATURE,
}
_PROOF: dict[str, JsonValue] = {
    "protocol": "LW1",
    "raffle_id": RAFFLE_ID,
    "rules": [{"protocol": "LW1", "raffle_id": RAFFLE_ID, "version": 1}],
    "entries": _ENTRIES,
    "receipt": _RECEIPT,
    "receipt_signature": _SIGNATURE,
    "anchor": None,
    "beacon": {"round": 41000000, "signature": _ROUND_SIGNATURE},
    "draw": {"seed": _HASH, "positions": [0]},
    "outcome": {"winners": [{"prize": 1, "position": 0, "number": 121}], "reserves": [], "skips": []},
    "bundle_signature": _SIGNATURE,
}


class LeftOutView(View):
    """A ticket that does not take part, and why."""

    number: int
    reason: str = Field(description="`disputed`: its payment was disputed when the list was locked")


class ReceiptView(View):
    """The receipt of a locked list; `signature` is Ed25519 over the receipt in canonical JSON."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "receipt": _RECEIPT,
                    "receipt_hash": _HASH,
                    "signature": _SIGNATURE,
                    "anchor": None,
                    "left_out": [{"number": 7, "reason": "disputed"}],
                }
            ]
        }
    )

    receipt: dict[str, Any]
    receipt_hash: str = Field(description="SHA-256 of the receipt in canonical JSON")
    signature: str
    anchor: dict[str, Any] | None = Field(description="Its anchor on the chain; null until it is final")
    left_out: list[LeftOutView] = Field(description="Paid tickets that do not take part")

    @classmethod
    def of(cls, lock: Lock, left_out: Sequence[LeftOut]) -> Self:
        """Return the response for a locked list, and the tickets that were left out of it."""
        return cls(
            receipt=dict(lock.receipt.document()),
            receipt_hash=lock.receipt.hash.hex(),
            signature=lock.signature.hex(),
            anchor=None if lock.anchor is None else dict(lock.anchor),
            left_out=[LeftOutView(number=ticket.number, reason=ticket.reason) for ticket in left_out],
        )


class EntriesView(View):
    """The locked list: ranges of ticket numbers, and the concatenated commits, 32 bytes in hex for each ticket."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRIES]})

    numbers: list[list[int]]
    commits: str


class EntriesChunkView(EntriesView):
    """A part of the locked list."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_ENTRIES, "next_after": None}]})

    next_after: int | None = Field(description="Value of `after` for the next part; null in the last one")


class DisqualificationNoteView(View):
    """The reason for disqualifying a drawn ticket, and the number of people who approved it."""

    reason: str
    approvals: int


class WinnerView(View):
    """A drawn ticket: a winner with a prize, or a reserve."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WINNER]})

    place: int = Field(description="Rank in the order of the draw, from 1")
    prize: int | None
    name: str | None = Field(description="Name of the prize")
    number: int
    status: str = Field(
        description="winner (not claimed), claimed, handed_over, reserve, unclaimed, declined, refused (disqualified)"
    )
    claim_by: datetime | None
    refusal: DisqualificationNoteView | None

    @classmethod
    def of(cls, winner: Winner, prizes: Sequence[Prize]) -> Self:
        """Return the response for a drawn ticket."""
        reason = winner.skip_reason
        return cls(
            place=winner.place,
            prize=winner.prize,
            name=None if winner.prize is None else prizes[winner.prize - 1].name,
            number=winner.number,
            status=winner.status,
            claim_by=winner.claim_by,
            refusal=None if reason is None else DisqualificationNoteView(reason=reason, approvals=APPROVALS),
        )


class WinnersView(View):
    """The drawn tickets of a raffle with their prizes and statuses, in the order of the draw."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_WINNER]}]})

    data: list[WinnerView]


class InclusionView(View):
    """The inclusion proof of a ticket: its audit path to the root of the receipt (RFC 6962, section 2.1.1)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_INCLUSION]})

    raffle_id: UUID
    number: int
    commit: str
    position: int
    path: list[str]
    receipt: dict[str, Any]
    receipt_signature: str


class ProofHeadView(View):
    """The proof bundle without its entries, which can be read in parts."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{name: part for name, part in _PROOF.items() if name != "entries"}]}
    )

    protocol: str
    raffle_id: UUID
    rules: list[dict[str, Any]]
    receipt: dict[str, Any]
    receipt_signature: str
    anchor: dict[str, Any] | None
    beacon: dict[str, Any]
    draw: dict[str, Any]
    outcome: dict[str, Any]
    bundle_signature: str


class ProofView(ProofHeadView):
    """The proof bundle of protocol LW1; every hash in it can be recomputed from the bundle alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROOF]})

    entries: EntriesView
