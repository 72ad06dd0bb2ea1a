"""The verifier looks a draw's anchor up on a real chain: what is right passes, each falsification is named."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import pytest
from eth_utils.abi import function_signature_to_4byte_selector

from luxewin.modules.raffles.anchors.artefact import draw_anchor
from luxewin.modules.raffles.domain.anchoring import Anchored, AnchorPlace, Purpose
from luxewin.modules.raffles.domain.encoding import Json
from tests.chain.anvil import ETHER, Anvil
from tests.chain.conftest import World, anchors_on
from tests.chain.ledger import RECEIPT, RECEIPT_OF, RULES, RULES_OF, Ledger
from tests.chain.proofs import FIRST_CLOSES, GENESIS, RAFFLE, Draw
from verify import verify_draw

Bundle = dict[str, Any]
NOWHERE = "ab" * 32


@dataclass
class Proof:
    """A draw that was anchored with both versions of its rules, and its bundle."""

    node: Anvil
    ledger: Ledger
    draw: Draw
    bundle: Bundle
    anchored: dict[str, Anchored]
    failed: str
    twin: Ledger


@asynccontextmanager
async def proven() -> AsyncIterator[Proof]:
    with Anvil(genesis=GENESIS) as node:
        ledger, twin = Ledger.deployed(node), Ledger.deployed(node)
        place = AnchorPlace(chain_id=node.chain_id, contract=bytes.fromhex(ledger.address[2:]), sender=bytes(20))
        place = await anchors_on(node.url, place=place).place()
        node.ask("anvil_setBalance", "0x" + place.sender.hex(), hex(ETHER))
        node.mine()
        draw, world = Draw(place), World(node, ledger, anchors_on(node.url, place=place), place)
        purposes: list[Purpose] = [*draw.rules_anchors(), draw.receipt_anchor()]
        anchored = {}
        for purpose in purposes:
            state = await world.mined(purpose)
            assert isinstance(state, Anchored)
            anchored[purpose.key] = state
        failed = ledger.send(node.accounts[0], RECEIPT, RAFFLE.bytes, 2, b"x" * 32)["transactionHash"][2:]
        bundle = json.loads(json.dumps(draw.bundle(anchored["receipt"].document())))
        yield Proof(node, ledger, draw, bundle, anchored, failed, twin)


@pytest.fixture(scope="module")
async def proof() -> AsyncIterator[Proof]:
    async with proven() as proof:
        yield proof


def verdict(bundle: Json, rpc: str | None) -> tuple[int, str]:
    said: list[str] = []
    status = verify_draw.verify(json.dumps(bundle).encode(), rpc, said.append)
    return status, "\n".join(said)


def test_a_right_bundle_passes(proof: Proof) -> None:
    status, said = verdict(proof.bundle, proof.node.url)
    assert status == 0, said
    assert "block(s) deep, before the round" in said
    assert "NOT LOOKED UP" not in said
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
    ("has none to look up", _no_anchor),
    ("the node serves another chain", _anchor(chain_id=5)),
    ("the published contract does not lie at its address", _anchor(contract="cd" * 20)),
    ("it went to another contract", _elsewhere),
    ("somebody else sent it", _anchor(sender="cd" * 20)),
    ("the transaction failed", _failed),
    ("the node does not know", _anchor(transaction_hash=NOWHERE)),
    ("it anchored something else", _another_transaction),
    ("it anchored something else", _another_receipt),
    ("it anchored something else", _one_version_less),
    ("it lies in another block", _anchor(block_hash=NOWHERE)),
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


def test_rules_that_were_anchored_with_a_later_closing_time_are_found_out(proof: Proof) -> None:
    """The times on the chain are what the contract enforces: they must be those of the rules."""
    node, liar = proof.node, proof.node.accounts[1]
    draw = Draw(replace(proof.draw.place, sender=bytes.fromhex(liar[2:])))
    first, second = draw.rules_anchors()
    for rules, closes_at in ((first, first.closes_at + 200), (second, second.closes_at)):
        before = rules.previous_rules_hash or bytes(32)
        limits = closes_at, rules.receipt_before
        sent = proof.ledger.send(liar, RULES, RAFFLE.bytes, rules.version, rules.rules_hash, before, *limits)
        assert sent["status"] == "0x1"
    done = proof.ledger.send(liar, RECEIPT, RAFFLE.bytes, 2, draw.receipt.hash)
    block = node.block(done["blockNumber"])
    anchored = Anchored(
        place=draw.place,
        transaction_hash=bytes.fromhex(done["transactionHash"][2:]),
        block_number=int(block["number"], 16),
        block_hash=bytes.fromhex(block["hash"][2:]),
        block_timestamp=int(block["timestamp"], 16),
    )
    status, said = verdict(draw.bundle(anchored.document()), node.url)
    assert status == 1
    assert "REFUSED anchor     version 1 of the rules was anchored with other times" in said


def test_an_operator_who_signs_a_false_anchor_is_found_out(proof: Proof) -> None:
    earlier = replace(proof.anchored["receipt"], block_timestamp=FIRST_CLOSES - 1)
    bundle = proof.draw.bundle(earlier.document())
    assert verdict(bundle, None)[0] == 0
    status, said = verdict(bundle, proof.node.url)
    assert status == 1
    assert "REFUSED anchor     its block has another time" in said


def test_a_contract_that_keeps_another_receipt_is_found_out(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = verify_draw.asked

    def lying(rpc: str, method: str, *parameters: object) -> Any:
        return "0x" + "00" * 160 if method == "eth_call" else honest(rpc, method, *parameters)

    monkeypatch.setattr(verify_draw, "asked", lying)
    with pytest.raises(verify_draw.Refused, match="the contract keeps another receipt"):
        verify_draw.look_up_anchor(proof.bundle, proof.node.url)


async def test_an_anchor_that_a_reorganisation_took_away_is_found_out() -> None:
    async with proven() as proof:
        depth = int(proof.node.head["number"], 16) - proof.anchored["receipt"].block_number + 1
        proof.node.reorganise(depth)
        status, said = verdict(proof.bundle, proof.node.url)
    assert status == 1
    assert "REFUSED anchor" in said
