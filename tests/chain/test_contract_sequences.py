"""Whatever is tried in whatever order, the contract keeps what a model in Python keeps, and refuses what it refuses."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.chain.anvil import GENESIS, Anvil
from tests.chain.ledger import RECEIPT, RECEIPT_OF, RULES, RULES_OF, Ledger

RAFFLES = (b"a" * 16, b"b" * 16)
HASHES = (bytes(32), b"1" * 32, b"2" * 32, b"3" * 32)
SENDERS = (0, 1)
VERSIONS = (0, 1, 2, 3)
START = GENESIS + 1_000
TIMES = tuple(range(START + 2, START + 26, 4))

Key = tuple[int, bytes]


@dataclass(frozen=True)
class AnchorRules:
    sender: int
    raffle: bytes
    version: int
    hash: bytes
    before: bytes
    closes_at: int
    receipt_before: int


@dataclass(frozen=True)
class AnchorReceipt:
    sender: int
    raffle: bytes
    version: int
    hash: bytes


@dataclass
class Model:
    """What the contract promises, said once more."""

    rules: dict[Key, list[tuple[bytes, int, int]]] = field(default_factory=dict)
    receipts: dict[Key, bytes] = field(default_factory=dict)

    def takes(self, act: AnchorRules | AnchorReceipt, *, at: int) -> bool:
        key = act.sender, act.raffle
        versions = self.rules.setdefault(key, [])
        if key in self.receipts or act.hash == HASHES[0]:
            return False
        if isinstance(act, AnchorReceipt):
            if act.version != len(versions) or not versions or at >= versions[-1][2]:
                return False
            self.receipts[key] = act.hash
            return True
        previous = versions[-1] if versions else (HASHES[0], at + 1, 0)
        in_order = act.version == len(versions) + 1 and act.before == previous[0]
        if not in_order or not at < previous[1] or not at < act.closes_at < act.receipt_before:
            return False
        versions.append((act.hash, act.closes_at, act.receipt_before))
        return True


# Acts that are likely to fit, so that long histories come about; and any at all.
fitting = st.builds(
    lambda sender, raffle, version, closes_at: AnchorRules(
        sender, raffle, version, HASHES[version], HASHES[version - 1], closes_at, closes_at + 4
    ),
    st.sampled_from(SENDERS),
    st.sampled_from(RAFFLES),
    st.integers(1, 3),
    st.sampled_from(TIMES),
)
any_rules = st.builds(
    AnchorRules,
    st.sampled_from(SENDERS),
    st.sampled_from(RAFFLES),
    st.sampled_from(VERSIONS),
    st.sampled_from(HASHES),
    st.sampled_from(HASHES),
    st.sampled_from(TIMES),
    st.sampled_from(TIMES),
)
receipts = st.builds(
    AnchorReceipt,
    st.sampled_from(SENDERS),
    st.sampled_from(RAFFLES),
    st.sampled_from(VERSIONS),
    st.sampled_from(HASHES),
)
acts = st.tuples(st.one_of(fitting, fitting, receipts, any_rules), st.integers(1, 3))


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with Anvil() as node:
        yield Ledger.deployed(node)


@given(st.lists(acts, min_size=4, max_size=12))
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_any_sequence_ends_as_the_model_says(
    ledger: Ledger, history: list[tuple[AnchorRules | AnchorReceipt, int]]
) -> None:
    fresh = ledger.node.ask("evm_snapshot")
    try:
        _compare(ledger, history)
    finally:
        assert ledger.node.ask("evm_revert", fresh)


def _compare(ledger: Ledger, history: list[tuple[AnchorRules | AnchorReceipt, int]]) -> None:
    model, now = Model(), START
    for act, seconds in history:
        now += seconds
        done = ledger.send(ledger.node.accounts[act.sender], *_call(act), at=now)
        assert (done["status"] == "0x1") is model.takes(act, at=now)
    for sender in SENDERS:
        account = ledger.node.accounts[sender]
        for raffle in RAFFLES:
            kept = [ledger.read(RULES_OF, account, raffle, version)[:3] for version in VERSIONS[1:]]
            assert [rules for rules in kept if any(rules[0])] == model.rules.get((sender, raffle), [])
            assert ledger.read(RECEIPT_OF, account, raffle)[0] == model.receipts.get((sender, raffle), HASHES[0])


def _call(act: AnchorRules | AnchorReceipt) -> tuple[Any, ...]:
    if isinstance(act, AnchorReceipt):
        return RECEIPT, act.raffle, act.version, act.hash
    return RULES, act.raffle, act.version, act.hash, act.before, act.closes_at, act.receipt_before
