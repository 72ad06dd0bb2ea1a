"""Bytes, details and changes at the edges of docs/lw1.md, where two readers could understand it differently."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from luxewin.modules.raffles.domain.encoding import Json, hash_of
from tests.modules.raffles.bundles import ANCHOR, CLOSES_AT, Draw, rescheduled, rules
from tests.modules.raffles.vector_faults import HOLDER, PLAIN, compact

DETAILS: Json = {
    "description": "A lamp\nand a vase",
    "prizes": [
        {"name": "Lamp", "description": None, "value": {"amount": 4900, "currency": "USD"}, "variant_id": None},
        {"name": "Vase", "description": "Blue", "value": None, "variant_id": str(HOLDER)},
    ],
    "claim_days": 14,
    "skill_question": "2 + 2 = ?",
}
ODD_DETAILS: Json = {"\ue000": [2], "\U00010000": {"b": None, "a": []}, "A": "e\u0301"}
"""Details of another shape, whose names have another order in UTF-16 than by their code points."""
MINED: Json = {
    **{name: ANCHOR[name] for name in ("chain_id", "contract", "sender")},
    "transaction_hash": "ab" * 32,
    "block_number": 7,
    "block_hash": "cd" * 32,
    "block_timestamp": CLOSES_AT + 100,
}
RUNS_OUT = "fewer entries than prizes"
ONE_HOLDER = "everybody else is skipped"
TWICE = "postponed twice"
WITH_DETAILS = "details"
PLAIN_CAVEATS = ("local_beacon", "no_anchor", "operator_decisions")
ANCHORED = "anchored"


def edge_draws() -> dict[str, Draw]:
    """Return valid draws at the edges, by name."""
    anchored = anchored_rules()
    last_second = {**MINED, "block_timestamp": CLOSES_AT + 7200 + 200 - 60 - 1}
    return {
        "details of another shape": Draw(versions=[rules(details_hash=hash_of(ODD_DETAILS).hex())], people=4),
        "postponed with details": Draw(
            versions=rescheduled(rules(details_hash=hash_of(DETAILS).hex()), CLOSES_AT + 60),
            locked_at=CLOSES_AT + 60,
        ),
        "anchored in the last second after a postponement": Draw(
            versions=rescheduled(anchored, CLOSES_AT + 7200), locked_at=CLOSES_AT + 7200, anchor=last_second
        ),
        "empty texts and arrays": Draw(versions=[rules(title="", prizes=[""], territories=[], reserve_winners=0)]),
        "locked in the last second": Draw(locked_at=CLOSES_AT + 4),
    }


def anchored_rules(**changed: Any) -> dict[str, Any]:
    """Return rules that promise an anchor; the round is due 200 s after the closing time."""
    promised = {"anchor": ANCHOR, "on_missed_anchor": "cancel", "draw_delay_seconds": 200, "territories": None}
    return rules(**{**promised, "title": "Anchored", **changed})


def edge_bundles() -> Iterator[dict[str, Any]]:
    """Yield signed bundles that break a rule at an edge, and texts that only bytes can express."""
    first = rules()
    never = anchored_rules(anchor={**ANCHOR, "margin_seconds": 2**53 - 1})
    for name, draw, error in (
        ("closes at the same time", Draw(versions=rescheduled(first, CLOSES_AT)), "rules.earlier"),
        ("a margin from before 1970", Draw(versions=[never], anchor={**MINED, "block_timestamp": 0}), "anchor.late"),
        ("locked with the round", Draw(locked_at=CLOSES_AT + 5), "receipt.late"),
    ):
        yield {"name": name, "text": compact(draw.bundle()), "error": error, "caveats": []}
    content = compact(Draw(people=4).bundle()).encode()
    cafe = "Café lamp".encode()
    yield {"name": "in bytes", "bytes": content.hex(), "error": None, "caveats": list(PLAIN_CAVEATS)}
    for name, changed in (
        ("bytes that are not UTF-8", content.replace(cafe, b"Caf\xff")),
        ("an overlong encoding", content.replace(cafe, b"Caf\xc0\xaf")),
        ("an encoded surrogate", content.replace(cafe, b"Caf\xed\xa0\x80")),
        ("a byte order mark in bytes", b"\xef\xbb\xbf" + content),
        ("UTF-16", content.decode().encode("utf-16-le")),
    ):
        yield {"name": name, "bytes": changed.hex(), "error": "format.json", "caveats": []}


def details_of(name: str) -> list[dict[str, Any]]:
    """Return details to verify with the bundle of a name, and the expected error of each."""
    given: Mapping[str, Sequence[tuple[str | bytes, str | None]]] = {
        WITH_DETAILS: [
            (compact(DETAILS), None),
            (json.dumps({name: DETAILS[name] for name in reversed(list(DETAILS))}, indent=1), None),
            *((text, "details.hash") for text in _wrong_details()),
        ],
        "details of another shape": [(compact(ODD_DETAILS), None), (compact(DETAILS), "details.hash")],
        PLAIN: [(compact(DETAILS), "details.hash")],
        "closes earlier": [("{}", "rules.earlier")],
    }
    return [
        {"bytes": content.hex(), "error": error} if isinstance(content, bytes) else {"text": content, "error": error}
        for content, error in given.get(name, ())
    ]


def _wrong_details() -> Iterator[str | bytes]:
    text = compact(DETAILS)
    yield from ("{}", "[]", "null", "", text + "x", text[:-1], "\ufeff" + text, text.encode("utf-16"), b"\xff")
    yield compact({**DETAILS, "claim_days": 15})
    yield compact({**DETAILS, "extra": None})
    yield text.replace('"claim_days":14', '"claim_days":14.0')
    yield text.replace('"claim_days":14', '"claim_days":14,"claim_days":14')
    yield text.replace("Blue", "\\ud800")
    yield text.replace('"claim_days"', '"\\udc00"')


def edge_changes(draws: Mapping[str, Draw]) -> Iterator[dict[str, Any]]:
    """Yield changes of valid bundles: each is refused for one reason, which another order of checks would change."""
    for name, path, value, error in (
        *_entries(draws[PLAIN]),
        *_postponements(draws[TWICE]),
        *_anchors(draws[ANCHORED]),
        *_ends(draws[RUNS_OUT]),
        *_skips(draws[ONE_HOLDER]),
    ):
        yield {"name": name, "path": list(path), "value": value, "error": error}
    yield {
        "name": "postponed with details",
        "path": ["rules", 1, "details_hash"],
        "remove": True,
        "error": "rules.changed",
    }


Change = tuple[str, Sequence[str | int], Any, str]


def _entries(draw: Draw) -> Iterator[Change]:
    commits = draw.bundle()["entries"]["commits"]
    for numbers, error in (
        ([[3, 1], [5, 6], [8, 13]], "entries.order"),
        ([[1, 2], [3, 3], [5, 6], [8, 11]], "entries.order"),
        ([[1, 3], [3, 6], [8, 9]], "entries.order"),
        ([[8, 11], [1, 3], [5, 6]], "entries.order"),
        ([[0, 3], [5, 6], [8, 10]], "format.shape"),
        ([[1, 2, 3], [5, 6], [8, 11]], "format.shape"),
        ([[1], [5, 6], [8, 11]], "format.shape"),
        ([[1, 2**53 - 1]], "entries.capacity"),
        ([], "entries.commits"),
    ):
        yield PLAIN, ["entries", "numbers"], numbers, error
    for changed, error in (
        ("", "entries.commits"),
        (commits[:-1], "entries.commits"),
        (commits[:-64], "entries.commits"),
        (commits + "00" * 32, "entries.commits"),
        (commits[:-1] + "g", "format.shape"),
        (commits.upper(), "format.shape"),
        (commits[:-1] + "\n", "format.shape"),
    ):
        yield PLAIN, ["entries", "commits"], changed, error
    yield PLAIN, ["entries"], {"numbers": [], "commits": ""}, "receipt.entries"
    yield PLAIN, ["receipt", "entries"], 0, "format.shape"


def _postponements(draw: Draw) -> Iterator[Change]:
    made = draw.bundle()
    versions = made["rules"]
    yield TWICE, ["rules"], versions[:2], "rules.receipt"
    yield TWICE, ["rules"], versions[::-1], "rules.version"
    yield TWICE, ["rules"], [], "format.shape"
    yield TWICE, ["rules", 1, "version"], 3, "rules.version"
    yield TWICE, ["rules", 1, "previous_rules_hash"], None, "rules.previous"
    yield TWICE, ["rules", 2, "previous_rules_hash"], versions[1]["previous_rules_hash"], "rules.previous"
    yield TWICE, ["rules", 1, "closes_at"], CLOSES_AT, "rules.round"
    yield TWICE, ["rules", 1, "capacity"], 101, "rules.changed"
    yield TWICE, ["rules", 2, "prizes"], ["Vase", "Lamp"], "rules.changed"
    yield TWICE, ["receipt", "rules_hash"], hash_of(versions[0]).hex(), "rules.receipt"
    yield TWICE, ["receipt", "round"], versions[0]["round"], "receipt.round"
    yield TWICE, ["receipt", "locked_at"], CLOSES_AT + 1, "receipt.early"
    for name in ("a closing time between two rounds", "a round of quicknet"):
        for number in (999, 1001):
            yield name, ["rules", 0, "round"], number, "rules.round"
    yield "a closing time between two rounds", ["rules", 0, "closes_at"], 2**53 - 1, "rules.round"


def _anchors(draw: Draw) -> Iterator[Change]:
    record = draw.bundle()["anchor"]
    yield PLAIN, ["anchor"], record, "anchor.presence"
    yield ANCHORED, ["anchor", "chain_id"], 1, "anchor.location"
    yield ANCHORED, ["anchor", "contract"], "00" * 20, "anchor.location"
    yield ANCHORED, ["anchor", "block_timestamp"], CLOSES_AT + 139, "signature.value"
    yield ANCHORED, ["anchor", "transaction_hash"], "00" * 32, "signature.value"
    yield ANCHORED, ["rules", 0, "on_missed_anchor"], None, "rules.missed_anchor"
    yield ANCHORED, ["rules", 0, "on_missed_anchor"], "wait", "format.shape"
    yield ANCHORED, ["rules", 0, "anchor", "margin_seconds"], 61, "rules.receipt"


def _ends(draw: Draw) -> Iterator[Change]:
    made = draw.bundle()
    positions, winners = made["draw"]["positions"], made["outcome"]["winners"]
    yield RUNS_OUT, ["draw", "positions"], [*positions, 0], "positions.value"
    yield RUNS_OUT, ["draw", "positions"], positions[:1], "outcome.too_few"
    yield RUNS_OUT, ["outcome", "winners"], [*winners, {**winners[0], "prize": 3}], "outcome.winners"
    yield RUNS_OUT, ["outcome", "reserves"], [{"position": 0, "number": 4}], "outcome.reserves"
    yield RUNS_OUT, ["outcome", "winners", 0, "number"], 0, "outcome.winners"
    yield RUNS_OUT, ["outcome", "winners", 0, "prize"], 0, "format.shape"
    yield RUNS_OUT, ["outcome", "winners", 0], dict(reversed(winners[0].items())), "format.shape"
    yield "one entry", ["draw", "positions"], [0, 0], "positions.value"
    yield "one entry", ["draw", "positions"], [1], "positions.value"


def _skips(draw: Draw) -> Iterator[Change]:
    skips = draw.bundle()["outcome"]["skips"]
    (own, earlier), between = skips[1]["reveal"], skips[0]["reveal"][0]
    at: Sequence[str | int] = ["outcome", "skips", 1]
    yield ONE_HOLDER, [*at, "reveal"], [earlier, own], "outcome.reveal_numbers"
    yield ONE_HOLDER, [*at, "reveal"], [own, own], "outcome.reveal_numbers"
    yield ONE_HOLDER, [*at, "reveal"], [own, between], "outcome.reveal_numbers"
    yield ONE_HOLDER, [*at, "reveal"], [own], "format.shape"
    yield ONE_HOLDER, [*at, "reveal"], [own, earlier, between], "format.shape"
    yield ONE_HOLDER, [*at, "reveal", 1], dict(reversed(earlier.items())), "format.shape"
    yield ONE_HOLDER, [*at, "reveal", 0, "number"], 0, "outcome.reveal_numbers"
    yield ONE_HOLDER, [*at, "reason"], "staff", "format.shape"
    yield ONE_HOLDER, [*at, "reason"], "holiday", "format.shape"
    yield ONE_HOLDER, [*at, "approvals"], 2, "format.shape"
    disqualified = {"position": skips[1]["position"], "number": own["number"], "reason": "fraud", "approvals": 2}
    yield ONE_HOLDER, at, disqualified, "signature.value"
    yield ONE_HOLDER, ["outcome", "skips"], [{**skips[0], "number": 1000}, *skips], "outcome.skips"
    yield ONE_HOLDER, ["outcome", "skips"], [*skips, {**skips[0], "number": 1000}], "outcome.skip_number"
    yield ONE_HOLDER, ["outcome", "skips"], skips[:-1], "outcome.winners"
    yield ONE_HOLDER, ["outcome", "skips"], [*skips[:-1], {**skips[-1], "position": 6}], "outcome.winners"
