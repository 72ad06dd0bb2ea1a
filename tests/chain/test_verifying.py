"""The verifier looks up a draw's anchor on a real chain: a correct bundle passes, each falsification is named."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import pytest
from eth_utils.abi import function_signature_to_4byte_selector

from luxewin.modules.raffles.anchors.artefact import draw_anchor
from luxewin.modules.raffles.domain.anchoring import Anchored, AnchorLocation, Purpose
from luxewin.modules.raffles.domain.encoding import Json
from tests.chain.anchor_contract import RECEIPT, RECEIPT_OF, RULES, RULES_OF, AnchorContract
from tests.chain.anvil import ETHER, Anvil
from tests.chain.conftest import AnchorEnvironment, anchors_on
from tests.chain.proofs import FIRST_CLOSES, GENESIS, RAFFLE, Draw
from verify import verify_draw

Bundle = dict[str, Any]
NOWHERE = "ab" * 32


@dataclass
class Proof:
    """A draw whose rules (two versions) and receipt are anchored, and its bundle."""

    node: Anvil
    contract: AnchorContract
    draw: Draw
    bundle: Bundle
    anchored: dict[str, Anchored]
    failed: str
    twin: AnchorContract


@asynccontextmanager
async def proven() -> AsyncIterator[Proof]:
    with Anvil(genesis=GENESIS) as node:
        contract, twin = AnchorContract.deployed(node), AnchorContract.deployed(node)
        location = AnchorLocation(
            chain_id=node.chain_id, contract=bytes.fromhex(contract.address[2:]), sender=bytes(20)
        )
        location = await anchors_on(node.url, location=location).location()
        node.request("anvil_setBalance", "0x" + location.sender.hex(), hex(ETHER))
        node.mine()
        draw, env = Draw(location), AnchorEnvironment(node, contract, anchors_on(node.url, location=location), location)
        purposes: list[Purpose] = [*draw.rules_anchors(), draw.receipt_anchor()]
        anchored = {}
        for purpose in purposes:
            state = await env.mined(purpose)
            assert isinstance(state, Anchored)
            anchored[purpose.key] = state
        failed = contract.send(node.accounts[0], RECEIPT, RAFFLE.bytes, 2, b"x" * 32)["transactionHash"][2:]
        bundle = json.loads(json.dumps(draw.bundle(anchored["receipt"].document())))
        yield Proof(node, contract, draw, bundle, anchored, failed, twin)


@pytest.fixture(scope="module")
async def proof() -> AsyncIterator[Proof]:
    async with proven() as proof:
        yield proof


def verdict(bundle: Json, rpc: str | None) -> tuple[int, str]:
    lines: list[str] = []
    status = verify_draw.verify(json.dumps(bundle).encode(), rpc, lines.append)
    return status, "\n".join(lines)


def test_a_correct_bundle_passes(proof: Proof) -> None:
    status, output = verdict(proof.bundle, proof.node.url)
    assert status == 0, output
    assert "block(s) deep, before the round" in output
    assert "NOT LOOKED UP" not in output
    assert "NOT LOOKED UP" in verdict(proof.bundle, None)[1]


def test_the_verifier_knows_the_published_contract_and_its_calls() -> None:
    assert draw_anchor().code_sha256.hex() == verify_draw.ANCHOR_CODE_SHA256
    for signature, known in (
        (RECEIPT, verify_draw.ANCHOR_RECEIPT),
        (RECEIPT_OF, verify_draw.RECEIPT_OF),
        (RULES_OF, verify_draw.RULES_OF),
    ):
        assert function_signature_to_4byte_selector(signature).hex() == known


def _anchor(**changes: Any) -> Callable[[Proof, Bundle], None]:
    return lambda _, bundle: bundle["anchor"].update(changes)


def _rules(version: int, **changes: Any) -> Callable[[Proof, Bundle], None]:
    return lambda _, bundle: bundle["rules"][version - 1].update(changes)


def _elsewhere(proof: Proof, bundle: Bundle) -> None:
    bundle["anchor"]["contract"] = proof.twin.address[2:].lower()


def _failed(proof: Proof, bundle: Bundle) -> None:
    bundle["anchor"]["transaction_hash"] = proof.failed


def _another_transaction(proof: Proof, bundle: Bundle) -> None:
    bundle["anchor"].update(proof.anchored["rules:1"].document())


def _another_receipt(_: Proof, bundle: Bundle) -> None:
    bundle["receipt"]["entries"] += 1


def _another_contract_of_old(_: Proof, bundle: Bundle) -> None:
    bundle["rules"][0]["anchor"]["contract"] = "cd" * 20


def _one_version_less(_: Proof, bundle: Bundle) -> None:
    del bundle["rules"][0]


def _no_anchor(_: Proof, bundle: Bundle) -> None:
    bundle["anchor"] = None


FALSIFIED: list[tuple[str, Callable[[Proof, Bundle], None]]] = [
    ("has no anchor to look up", _no_anchor),
    ("the node serves another chain", _anchor(chain_id=5)),
    ("is not that of the published contract", _anchor(contract="cd" * 20)),
    ("the transaction calls another contract", _elsewhere),
    ("the transaction has another sender", _anchor(sender="cd" * 20)),
    ("the transaction failed", _failed),
    ("the node does not know", _anchor(transaction_hash=NOWHERE)),
    ("the transaction anchors something else", _another_transaction),
    ("the transaction anchors something else", _another_receipt),
    ("the transaction anchors something else", _one_version_less),
    ("the transaction is in another block", _anchor(block_hash=NOWHERE)),
    ("its block has another number", _anchor(block_number=1)),
    ("its block has another time", _anchor(block_timestamp=FIRST_CLOSES)),
    ("version 1 of the rules promises another anchor", _another_contract_of_old),
    ("version 1 of the rules is not the one that was anchored", _rules(1, title="A shed")),
    ("version 2 of the rules is not the one that was anchored", _rules(2, ticket_price=1)),
]


@pytest.mark.parametrize(("named", "falsify"), FALSIFIED)
def test_each_falsification_is_named(proof: Proof, named: str, falsify: Callable[[Proof, Bundle], None]) -> None:
    bundle = deepcopy(proof.bundle)
    falsify(proof, bundle)
    with pytest.raises(verify_draw.Refused, match=named):
        verify_draw.look_up_anchor(bundle, proof.node.url)


def test_rules_anchored_with_a_later_closing_time_are_refused(proof: Proof) -> None:
    """The contract enforces the times on the chain, so they must be those of the rules."""
    node, dishonest = proof.node, proof.node.accounts[1]
    draw = Draw(replace(proof.draw.location, sender=bytes.fromhex(dishonest[2:])))
    first, second = draw.rules_anchors()
    for rules, closes_at in ((first, first.closes_at + 200), (second, second.closes_at)):
        before = rules.previous_rules_hash or bytes(32)
        limits = closes_at, rules.receipt_before
        sent = proof.contract.send(dishonest, RULES, RAFFLE.bytes, rules.version, rules.rules_hash, before, *limits)
        assert sent["status"] == "0x1"
    done = proof.contract.send(dishonest, RECEIPT, RAFFLE.bytes, 2, draw.receipt.hash)
    block = node.block(done["blockNumber"])
    anchored = Anchored(
        location=draw.location,
        transaction_hash=bytes.fromhex(done["transactionHash"][2:]),
        block_number=int(block["number"], 16),
        block_hash=bytes.fromhex(block["hash"][2:]),
        block_timestamp=int(block["timestamp"], 16),
    )
    status, output = verdict(draw.bundle(anchored.document()), node.url)
    assert status == 1
    assert "REFUSED anchor     anchor.rules: version 1 of the rules was anchored with other times" in output


def test_a_signed_bundle_with_a_false_anchor_is_refused(proof: Proof) -> None:
    earlier = replace(proof.anchored["receipt"], block_timestamp=FIRST_CLOSES - 1)
    bundle = proof.draw.bundle(earlier.document())
    assert verdict(bundle, None)[0] == 0
    status, output = verdict(bundle, proof.node.url)
    assert status == 1
    assert "REFUSED anchor     anchor.block: its block has another time" in output


def test_another_receipt_in_the_contract_is_refused(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    original = verify_draw.call_node

    def falsified(rpc: str, method: str, *parameters: object) -> Any:
        return "0x" + "00" * 160 if method == "eth_call" else original(rpc, method, *parameters)

    monkeypatch.setattr(verify_draw, "call_node", falsified)
    with pytest.raises(verify_draw.Refused, match="the contract stores another receipt"):
        verify_draw.look_up_anchor(proof.bundle, proof.node.url)


async def test_an_anchor_removed_by_a_reorganisation_is_refused() -> None:
    async with proven() as proof:
        depth = int(proof.node.head["number"], 16) - proof.anchored["receipt"].block_number + 1
        proof.node.reorganise(depth)
        status, output = verdict(proof.bundle, proof.node.url)
    assert status == 1
    assert "REFUSED anchor" in output
