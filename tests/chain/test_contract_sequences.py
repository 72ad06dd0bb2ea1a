"""For any sequence of calls, the contract stores and reverts the same as a model in Python."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.chain.anchor_contract import RECEIPT, RECEIPT_OF, RULES, RULES_OF, AnchorContract
from tests.chain.anvil import GENESIS, Anvil

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
    previous_hash: bytes
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
    """A model of the contract."""

    rules: dict[Key, list[tuple[bytes, int, int]]] = field(default_factory=dict)
    receipts: dict[Key, bytes] = field(default_factory=dict)

    def accepts(self, action: AnchorRules | AnchorReceipt, *, at: int) -> bool:
        key = action.sender, action.raffle
        versions = self.rules.setdefault(key, [])
        if key in self.receipts or action.hash == HASHES[0]:
            return False
        if isinstance(action, AnchorReceipt):
            if action.version != len(versions) or not versions or at >= versions[-1][2]:
                return False
            self.receipts[key] = action.hash
            return True
        previous = versions[-1] if versions else (HASHES[0], at + 1, 0)
        in_order = action.version == len(versions) + 1 and action.previous_hash == previous[0]
        if not in_order or not at < previous[1] or not at < action.closes_at < action.receipt_before:
            return False
        versions.append((action.hash, action.closes_at, action.receipt_before))
        return True


# Calls that are likely to be accepted, so that long sequences occur; and arbitrary ones.
plausible_rules = st.builds(
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
actions = st.tuples(st.one_of(plausible_rules, plausible_rules, receipts, any_rules), st.integers(1, 3))


@pytest.fixture(scope="module")
def contract() -> Iterator[AnchorContract]:
    with Anvil() as node:
        yield AnchorContract.deployed(node)


@given(st.lists(actions, min_size=4, max_size=12))
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_any_sequence_ends_as_the_model_says(
    contract: AnchorContract, history: list[tuple[AnchorRules | AnchorReceipt, int]]
) -> None:
    snapshot = contract.node.request("evm_snapshot")
    try:
        _compare(contract, history)
    finally:
        assert contract.node.request("evm_revert", snapshot)


def _compare(contract: AnchorContract, history: list[tuple[AnchorRules | AnchorReceipt, int]]) -> None:
    model, now = Model(), START
    for action, seconds in history:
        now += seconds
        receipt = contract.send(contract.node.accounts[action.sender], *_call(action), at=now)
        assert (receipt["status"] == "0x1") is model.accepts(action, at=now)
    for sender in SENDERS:
        account = contract.node.accounts[sender]
        for raffle in RAFFLES:
            stored = [contract.read(RULES_OF, account, raffle, version)[:3] for version in VERSIONS[1:]]
            assert [rules for rules in stored if any(rules[0])] == model.rules.get((sender, raffle), [])
            assert contract.read(RECEIPT_OF, account, raffle)[0] == model.receipts.get((sender, raffle), HASHES[0])


def _call(action: AnchorRules | AnchorReceipt) -> tuple[Any, ...]:
    if isinstance(action, AnchorReceipt):
        return RECEIPT, action.raffle, action.version, action.hash
    return (
        RULES,
        action.raffle,
        action.version,
        action.hash,
        action.previous_hash,
        action.closes_at,
        action.receipt_before,
    )
