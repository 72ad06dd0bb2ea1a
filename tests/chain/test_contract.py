"""The contract on a real EVM: what it reverts, its time limits to the second, and that senders are independent."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
import vyper  # type: ignore[import-untyped] # it has no type hints

from contracts.build import ARTEFACT, SOURCE, artefact_file, compile_contract
from luxewin.modules.raffles.anchors.artefact import draw_anchor
from tests.chain.anchor_contract import RECEIPT, RECEIPT_OF, RULES, RULES_OF, AnchorContract, calldata
from tests.chain.anvil import GENESIS, Anvil

RAFFLE, OTHER_RAFFLE = b"r" * 16, b"s" * 16
FIRST, SECOND, THIRD, HASH = (bytes([number]) * 32 for number in (1, 2, 3, 9))
NONE = bytes(32)
CLOSES, LATEST = GENESIS + 1_000, GENESIS + 1_500
LATER_CLOSES, LATER_LATEST = GENESIS + 2_000, GENESIS + 2_500
NOTHING = (NONE, 0, 0, 0, 0)

VERSION_1 = (RAFFLE, 1, FIRST, NONE, CLOSES, LATEST)
VERSION_2 = (RAFFLE, 2, SECOND, FIRST, LATER_CLOSES, LATER_LATEST)


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


@pytest.fixture(scope="module")
def deployed(node: Anvil) -> AnchorContract:
    return AnchorContract.deployed(node)


@pytest.fixture
def contract(node: Anvil, deployed: AnchorContract) -> Iterator[AnchorContract]:
    snapshot = node.request("evm_snapshot")
    yield deployed
    assert node.request("evm_revert", snapshot)


@pytest.fixture
def me(node: Anvil) -> str:
    return node.accounts[0]


def test_compiling_the_source_again_gives_the_identical_artefact() -> None:
    assert artefact_file(compile_contract(SOURCE.read_text(encoding="utf-8"))) == ARTEFACT.read_text(encoding="utf-8")


def test_the_deployed_code_has_the_hash_of_the_artefact(contract: AnchorContract) -> None:
    code = bytes.fromhex(contract.node.request("eth_getCode", contract.address, "latest")[2:])
    assert hashlib.sha256(code).digest() == draw_anchor().code_sha256


def test_the_contract_has_no_owner_no_upgrade_and_two_ways_to_write() -> None:
    functions = [entry for entry in draw_anchor().abi if entry["type"] != "event"]
    writing = {entry["name"] for entry in functions if entry["stateMutability"] not in {"view", "pure"}}
    assert writing == {"anchor_rules", "anchor_receipt"}
    assert {entry["stateMutability"] for entry in functions} == {"view", "nonpayable"}
    source = SOURCE.read_text(encoding="utf-8")
    opcodes = set(vyper.compile_code(source, output_formats=["opcodes_runtime"])["opcodes_runtime"].split())
    assert "SSTORE" in opcodes
    assert not opcodes & {"DELEGATECALL", "CALLCODE", "CALL", "CREATE", "CREATE2", "SELFDESTRUCT"}


def test_it_takes_no_ether(contract: AnchorContract, me: str) -> None:
    for payload in ({"data": calldata(RULES, *VERSION_1)}, {"data": "0x"}):
        sent = contract.node.request(
            "eth_sendTransaction", {"from": me, "to": contract.address, "value": "0x1", "gas": hex(500_000), **payload}
        )
        contract.node.mine()
        assert contract.node.request("eth_getTransactionReceipt", sent)["status"] == "0x0"
    assert contract.node.request("eth_getBalance", contract.address, "latest") == "0x0"


def test_rules_and_receipt_are_stored_with_their_times_and_block(contract: AnchorContract, me: str) -> None:
    assert contract.read(RULES_OF, me, RAFFLE, 1) == NOTHING
    block = int(contract.send(me, RULES, *VERSION_1, at=GENESIS + 500)["blockNumber"], 16)
    assert contract.read(RULES_OF, me, RAFFLE, 1) == (FIRST, CLOSES, LATEST, GENESIS + 500, block)
    contract.send(me, RECEIPT, RAFFLE, 1, HASH, at=CLOSES)
    assert contract.read(RECEIPT_OF, me, RAFFLE) == (HASH, 0, 0, CLOSES, block + 1)


def test_both_emit_events(contract: AnchorContract, me: str) -> None:
    (event,) = contract.send(me, RULES, *VERSION_1)["logs"]
    assert event["topics"][1].endswith(me[2:].lower())
    assert event["topics"][2] == "0x" + RAFFLE.hex() + "0" * 32
    assert FIRST.hex() in event["data"]
    (event,) = contract.send(me, RECEIPT, RAFFLE, 1, HASH)["logs"]
    assert HASH.hex() in event["data"]


ContractCall = tuple[Any, ...]
REVERTED: list[tuple[str, list[ContractCall], ContractCall, int]] = [
    ("empty hash", [], (RULES, RAFFLE, 1, NONE, NONE, CLOSES, LATEST), GENESIS + 500),
    ("versions begin at 1", [], (RULES, RAFFLE, 0, FIRST, NONE, CLOSES, LATEST), GENESIS + 500),
    ("other predecessor", [], (RULES, RAFFLE, 1, FIRST, SECOND, CLOSES, LATEST), GENESIS + 500),
    ("predecessor is missing", [], (RULES, RAFFLE, 2, SECOND, NONE, CLOSES, LATEST), GENESIS + 500),
    ("other predecessor", [], (RULES, *VERSION_2), GENESIS + 500),
    ("version is taken", [(RULES, *VERSION_1)], (RULES, *VERSION_1), GENESIS + 500),
    ("version is taken", [(RULES, *VERSION_1)], (RULES, RAFFLE, 1, SECOND, NONE, CLOSES, LATEST), GENESIS + 500),
    ("other predecessor", [(RULES, *VERSION_1)], (RULES, RAFFLE, 2, SECOND, THIRD, CLOSES, LATEST), GENESIS + 500),
    ("predecessor is missing", [(RULES, *VERSION_1)], (RULES, RAFFLE, 3, THIRD, NONE, CLOSES, LATEST), GENESIS + 500),
    ("other predecessor", [(RULES, *VERSION_1)], (RULES, OTHER_RAFFLE, 2, SECOND, FIRST, CLOSES, LATEST), CLOSES - 1),
    ("predecessor has closed", [(RULES, *VERSION_1)], (RULES, *VERSION_2), CLOSES),
    ("closed already", [], (RULES, *VERSION_1), CLOSES),
    ("no time for a receipt", [], (RULES, RAFFLE, 1, FIRST, NONE, CLOSES, CLOSES), GENESIS + 500),
    ("receipt is anchored", [(RULES, *VERSION_1), (RECEIPT, RAFFLE, 1, HASH)], (RULES, *VERSION_2), CLOSES - 1),
    ("no such rules", [], (RECEIPT, RAFFLE, 1, HASH), GENESIS + 500),
    ("no such rules", [(RULES, *VERSION_1)], (RECEIPT, OTHER_RAFFLE, 1, HASH), GENESIS + 500),
    ("empty hash", [(RULES, *VERSION_1)], (RECEIPT, RAFFLE, 1, NONE), GENESIS + 500),
    ("too late", [(RULES, *VERSION_1)], (RECEIPT, RAFFLE, 1, HASH), LATEST),
    ("rules have a successor", [(RULES, *VERSION_1), (RULES, *VERSION_2)], (RECEIPT, RAFFLE, 1, HASH), CLOSES),
    ("receipt is anchored", [(RULES, *VERSION_1), (RECEIPT, RAFFLE, 1, HASH)], (RECEIPT, RAFFLE, 1, HASH), CLOSES),
    ("receipt is anchored", [(RULES, *VERSION_1), (RECEIPT, RAFFLE, 1, HASH)], (RECEIPT, RAFFLE, 1, FIRST), CLOSES),
]


@pytest.mark.parametrize(("reason", "before", "call", "at"), REVERTED)
def test_it_reverts(
    contract: AnchorContract, *, reason: str, before: list[ContractCall], call: ContractCall, at: int
) -> None:
    me = contract.node.accounts[0]
    for done in before:
        assert contract.send(me, *done)["status"] == "0x1"
    assert contract.send(me, *call, at=at)["status"] == "0x0"
    assert reason in contract.error(me, *call, at=at)


@pytest.mark.parametrize(
    ("before", "call", "last"),
    [
        ([], (RULES, *VERSION_1), CLOSES - 1),
        ([(RULES, *VERSION_1)], (RULES, *VERSION_2), CLOSES - 1),
        ([(RULES, *VERSION_1)], (RECEIPT, RAFFLE, 1, HASH), LATEST - 1),
        ([(RULES, *VERSION_1), (RULES, *VERSION_2)], (RECEIPT, RAFFLE, 2, HASH), LATER_LATEST - 1),
    ],
)
def test_the_second_before_a_limit_is_the_last_one_in_time(
    contract: AnchorContract, me: str, before: list[ContractCall], call: ContractCall, last: int
) -> None:
    for done in before:
        contract.send(me, *done)
    snapshot = contract.node.request("evm_snapshot")
    assert contract.send(me, *call, at=last + 1)["status"] == "0x0"
    assert contract.node.request("evm_revert", snapshot)
    assert contract.send(me, *call, at=last)["status"] == "0x1"


def test_senders_are_independent(contract: AnchorContract, node: Anvil) -> None:
    one, other = node.accounts[:2]
    contract.send(other, RULES, RAFFLE, 1, THIRD, NONE, CLOSES, LATEST)
    contract.send(other, RECEIPT, RAFFLE, 1, THIRD)
    assert contract.read(RULES_OF, one, RAFFLE, 1) == NOTHING
    assert contract.send(one, RULES, *VERSION_1)["status"] == "0x1"
    assert contract.send(one, RECEIPT, RAFFLE, 1, HASH)["status"] == "0x1"
    assert contract.read(RECEIPT_OF, one, RAFFLE)[0] == HASH
    assert contract.read(RECEIPT_OF, other, RAFFLE)[0] == THIRD
