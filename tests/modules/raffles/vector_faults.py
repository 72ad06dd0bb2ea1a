"""Bundles and texts that a verifier refuses, and changes of valid ones, for the vectors of docs/lw1.md."""

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any
from uuid import UUID

from luxewin.modules.raffles.domain import drawing
from luxewin.modules.raffles.domain.beacons import Chain
from luxewin.modules.raffles.domain.encoding import Json, canonical, hash_of
from tests.modules.raffles.bundles import (
    BEACON,
    CLOSES_AT,
    QUICKNET_SIGNATURES,
    SIGNER,
    Draw,
    rescheduled,
    rules,
    signed,
)

HOLDER = UUID("019a0000-0000-7000-8000-0000000000ff")
PLAIN = "local beacon, one holder skipped, one ticket disqualified"


def broken_bundles() -> Iterator[dict[str, Any]]:
    """Yield bundles that are signed, and break a rule before their signatures are checked."""
    first = rules()
    other = Chain(
        public_key=BEACON.chain.public_key,
        group_hash=BEACON.chain.group_hash,
        period_seconds=1,
        genesis_time=BEACON.chain.genesis_time,
        beacon_id="quicknet",
    )
    several = deepcopy(Draw(people=4).bundle())
    allowed = {**first, "one_prize_per_person": False}
    several["rules"] = [allowed]
    several["receipt"]["rules_hash"] = hash_of(allowed).hex()
    several["receipt_signature"] = SIGNER.sign(canonical(several["receipt"])).hex()
    for name, made, error in (
        ("closes earlier", Draw(versions=rescheduled(first, CLOSES_AT - 60)).bundle(), "rules.earlier"),
        ("another chain hash", _with_chain(first, chain_hash="00" * 32), "chain.hash"),
        ("another chain by the name of quicknet", _with_chain(first, **other.rules()), "chain.quicknet"),
        ("a skip although several prizes are allowed", several, "outcome.several_allowed"),
    ):
        yield {"name": name, "text": compact(made), "error": error, "caveats": []}


def _with_chain(first: Json, **changed: Any) -> dict[str, Any]:
    """Return a bundle whose rules name another chain; its seed is not that of the chain."""
    delayed = rules(draw_delay_seconds=600)
    named = {**delayed, "beacon": {**first["beacon"], **changed}}
    made = Draw(versions=[delayed]).bundle()
    receipt = {**made["receipt"], "rules_hash": hash_of(named).hex()}
    signature = SIGNER.sign(canonical(receipt)).hex()
    unsigned = {**made, "rules": [named], "receipt": receipt, "receipt_signature": signature}
    return signed({name: value for name, value in unsigned.items() if name != "bundle_signature"})


def texts() -> Iterator[dict[str, Any]]:
    """Yield texts that are no bundle, or are one in another spelling."""
    text = compact(Draw(people=4).bundle())
    for name, changed, error in (
        ("white space", json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n \t\r\n", None),
        ("escaped characters", json.dumps(json.loads(text), ensure_ascii=True), None),
        ("a byte order mark", "\ufeff" + text, "format.json"),
        ("text after the end", text + "{}", "format.json"),
        ("a name twice", text.replace('{"protocol":', '{"protocol":"LW1","protocol":', 1), "format.json"),
        ("a fraction", text.replace('"ticket_price":500', '"ticket_price":500.0'), "format.json"),
        ("an exponent", text.replace('"ticket_price":500', '"ticket_price":5e2'), "format.json"),
        ("minus zero", text.replace('"ticket_price":500', '"ticket_price":-0'), "format.json"),
        ("a leading zero", text.replace('"ticket_price":500', '"ticket_price":0500'), "format.json"),
        ("2^53", text.replace('"ticket_price":500', f'"ticket_price":{2**53}'), "format.json"),
        ("NaN", text.replace('"ticket_price":500', '"ticket_price":NaN'), "format.json"),
        ("an unpaired surrogate", text.replace("Café lamp", "Caf\\ud800"), "format.shape"),
        ("a control character", text.replace("Café lamp", "Caf\u0001"), "format.json"),
        ("a trailing comma", text[:-1] + ",}", "format.json"),
        ("17 levels", "[" * 17 + "]" * 17, "format.json"),
        ("16 levels", "[" * 16 + "]" * 16, "format.shape"),
        ("brackets in a string", compact(Draw(versions=[rules(title="[" * 200)], people=4).bundle()), None),
        ("nothing", "", "format.json"),
    ):
        caveats = ["local_beacon", "no_anchor", "operator_decisions"] if error is None else []
        yield {"name": name, "text": changed, "error": error, "caveats": caveats}


def changes(draw: Draw) -> Iterator[dict[str, Any]]:
    """Yield changes of a valid bundle, signed again where only an inner check can find them."""
    plain = PLAIN

    def change(name: str, path: Sequence[str | int], value: Any, error: str) -> dict[str, Any]:
        return {"name": name, "path": list(path), "value": value, "error": error}

    rules_of = ("rules", 0)
    yield change(plain, [*rules_of, "raffle_id"], str(HOLDER), "rules.raffle")
    yield change(plain, [*rules_of, "version"], 2, "rules.version")
    yield change(plain, [*rules_of, "previous_rules_hash"], "00" * 32, "rules.previous")
    yield change(plain, [*rules_of, "round"], 1, "rules.round")
    yield change(plain, [*rules_of, "on_missed_anchor"], "cancel", "rules.missed_anchor")
    yield change("a round of quicknet", [*rules_of, "draw_delay_seconds"], 599, "rules.delay")
    yield change("postponed twice", ["rules", 2, "title"], "Another", "rules.changed")
    yield change(plain, [*rules_of, "title"], "Another", "rules.receipt")
    yield change(plain, ["receipt", "raffle_id"], str(HOLDER), "receipt.raffle")
    yield change(plain, ["receipt", "round"], 1, "receipt.round")
    yield change(plain, ["receipt", "entries"], 8, "receipt.entries")
    yield change(plain, ["receipt", "merkle_root"], "00" * 32, "receipt.root")
    yield change(plain, ["receipt", "locked_at"], CLOSES_AT - 1, "receipt.early")
    yield change(plain, ["receipt", "locked_at"], CLOSES_AT + 5, "receipt.late")
    yield change(plain, ["receipt_signature"], "00" * 64, "receipt.signature")
    yield change(plain, ["entries", "numbers"], [[1, 3], [4, 6], [8, 10]], "entries.order")
    yield change(plain, ["entries", "numbers"], [[1, 101]], "entries.capacity")
    yield change(plain, ["entries", "commits"], "00" * 32, "entries.commits")
    yield change("anchored", ["anchor"], None, "anchor.presence")
    yield change("anchored", ["anchor", "sender"], "00" * 20, "anchor.location")
    yield change("anchored", ["anchor", "block_timestamp"], CLOSES_AT + 140, "anchor.late")
    yield change(plain, ["beacon", "round"], 1, "beacon.round")
    yield change(plain, ["beacon", "signature"], QUICKNET_SIGNATURES[1000], "beacon.signature")
    yield change(plain, ["draw", "seed"], "00" * 32, "seed.value")
    yield change(plain, ["draw", "positions"], [0], "positions.value")
    yield change(plain, ["draw", "positions"], [], "outcome.too_few")
    yield change(plain, ["outcome", "winners"], [], "outcome.winners")
    yield change(plain, ["outcome", "reserves"], [], "outcome.reserves")
    yield from _outcome_changes(draw, change)
    yield change(plain, ["bundle_signature"], "00" * 64, "signature.value")
    yield change(plain, ["protocol"], "LW2", "format.shape")
    yield change(plain, ["extra"], 1, "format.shape")
    yield {"name": plain, "path": ["draw"], "remove": True, "error": "format.shape"}
    yield change(plain, [*rules_of, "beacon", "period_seconds"], 0, "format.shape")
    yield change(plain, [*rules_of, "beacon", "period_seconds"], 2**32, "format.shape")
    yield change(plain, [*rules_of, "details_hash"], None, "format.shape")


def _outcome_changes(draw: Draw, change: Callable[..., dict[str, Any]]) -> Iterator[dict[str, Any]]:
    name = PLAIN
    made = draw.bundle()
    every = list(drawing.positions(drawing.Blocks.of(draw.seed()), entries=len(draw.numbers)))
    skips = made["outcome"]["skips"]
    same = next(at for at, skip in enumerate(skips) if skip["reason"] == "one_per_person")
    refused = next(at for at, skip in enumerate(skips) if skip["reason"] != "one_per_person")
    reveal = ["outcome", "skips", same, "reveal"]
    yield change(name, ["draw", "positions"], every, "outcome.too_many")
    yield change(name, ["outcome", "skips", refused, "number"], 6, "outcome.skip_number")
    yield change(name, ["outcome", "skips", refused, "reason"], "fraud", "signature.value")
    yield change(name, ["outcome", "skips", refused, "approvals"], 1, "format.shape")
    yield change(name, [*reveal, 0, "number"], 1000, "outcome.reveal_numbers")
    yield change(name, [*reveal, 1, "number"], 1000, "outcome.reveal_numbers")
    yield change(name, [*reveal, 1, "holder_tag"], "00" * 32, "outcome.reveal_holders")
    yield change(name, [*reveal, 0, "salt"], "00" * 32, "outcome.reveal_commits")
    yield change(name, [*reveal, 1, "salt"], "00" * 32, "outcome.reveal_commits")
    yield change(name, ["outcome", "skips"], skips[::-1], "outcome.skips")
    yield change(name, ["outcome", "skips"], [*skips, skips[0]], "outcome.skips")


def applied(document: Any, change: Json) -> Any:
    """Return a copy of the document with a change made."""
    changed = deepcopy(document)
    *path, last = change["path"]
    part = changed
    for step in path:
        part = part[step]
    if change.get("remove"):
        del part[last]
    else:
        part[last] = change["value"]
    return changed


def compact(document: Json) -> str:
    """Return a document as JSON without white space."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
