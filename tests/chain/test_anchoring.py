"""Anchoring without faults, and what prevents signing."""

from dataclasses import replace

from luxewin.modules.raffles.domain.anchoring import (
    AnchorConflict,
    Anchored,
    AnchorMissed,
    AnchorPending,
    AnchorProblem,
    Stage,
    TransactionState,
)
from tests.chain.anchor_contract import RECEIPT_OF, RULES, RULES_OF, AnchorContract
from tests.chain.anvil import Anvil
from tests.chain.conftest import CLOSES, KEY, LATEST, LIMITS, OTHER_RAFFLE, AnchorEnvironment, anchors_on


async def test_rules_a_second_version_and_the_receipt_are_anchored_one_after_the_other(env: AnchorEnvironment) -> None:
    for purpose in (env.rules(), env.rules(2, closes_at=CLOSES + 100), env.receipt(version=2)):
        assert await env.advance(purpose) == AnchorPending(Stage.SENT)
        env.node.mine()
        assert await env.advance(purpose) == AnchorPending(Stage.MINED, confirmations=1)
        env.node.mine(2)
        anchored = await env.advance(purpose)
        assert isinstance(anchored, Anchored)
        block = env.node.block(anchored.block_number)
        assert block["transactions"] == ["0x" + anchored.transaction_hash.hex()]
        assert (block["hash"], int(block["timestamp"], 16)) == (
            "0x" + anchored.block_hash.hex(),
            anchored.block_timestamp,
        )
        assert await env.advance(purpose) == anchored
    assert [row.state for row in env.rows] == [TransactionState.CONFIRMED] * 3
    assert [row.nonce for row in env.rows] == [0, 1, 2]
    sender = "0x" + env.location.sender.hex()
    assert env.contract.read(RULES_OF, sender, env.rules().raffle_id.bytes, 2)[0] == bytes([2]) * 32
    assert env.contract.read(RECEIPT_OF, sender, env.rules().raffle_id.bytes)[0] == b"r" * 32


async def test_two_raffles_of_one_sender_do_not_wait_for_each_other(env: AnchorEnvironment) -> None:
    purposes = [env.rules(raffle_id=env.rules().raffle_id), env.rules(raffle_id=OTHER_RAFFLE)]
    for purpose in purposes:
        assert await env.advance(purpose) == AnchorPending(Stage.SENT)
    env.node.mine(3)
    for purpose in purposes:
        assert isinstance(await env.advance(purpose), Anchored)
    assert [row.nonce for row in env.rows] == [0, 1]


async def test_looking_up_signs_nothing(env: AnchorEnvironment) -> None:
    found = await env.anchors.look_up(env.rules(), store=env.store, now=env.node.time)
    assert found == AnchorPending(Stage.UNSIGNED)
    assert (env.rows, env.node.pooled) == ([], [])
    await env.mined(env.rules())
    assert isinstance(await env.anchors.look_up(env.rules(), store=env.store, now=env.node.time), Anchored)


async def test_on_another_chain_nothing_is_signed(env: AnchorEnvironment) -> None:
    with Anvil(chain_id=5) as other:
        AnchorContract.deployed(other)
        env.anchors = anchors_on(other.url, location=env.location)
        state = await env.advance(env.rules())
    assert state == AnchorPending(Stage.UNSIGNED, problem=AnchorProblem.WRONG_CHAIN, detail="the node serves chain 5")
    assert env.rows == []


async def test_an_anchor_for_another_location_than_the_configured_one_is_not_signed(env: AnchorEnvironment) -> None:
    for other in (replace(env.location, contract=bytes(20)), replace(env.location, sender=bytes(20))):
        state = await env.advance(replace(env.rules(), location=other))
        assert isinstance(state, AnchorPending)
        assert state.problem is AnchorProblem.OTHER_LOCATION
    assert env.rows == []


async def test_nothing_is_sent_to_an_address_without_the_published_contract(env: AnchorEnvironment) -> None:
    location = replace(env.location, contract=b"\1" * 20)
    env.node.request("anvil_setCode", "0x" + location.contract.hex(), "0x6000")
    env.anchors = anchors_on(env.node.url, location=location)
    state = await env.advance(replace(env.rules(), location=location))
    assert isinstance(state, AnchorPending)
    assert state.problem is AnchorProblem.NO_CONTRACT
    assert env.rows == []


async def test_a_receipt_whose_rules_are_not_anchored_is_not_signed(env: AnchorEnvironment) -> None:
    state = await env.advance(env.receipt())
    assert isinstance(state, AnchorPending)
    assert state.problem is AnchorProblem.REFUSED
    assert "no such rules" in state.detail
    assert env.rows == []


async def test_a_different_anchor_on_the_chain_is_a_conflict(env: AnchorEnvironment) -> None:
    await env.mined(env.rules())
    await env.mined(env.receipt())
    other = env.receipt(receipt_hash=b"s" * 32)
    env.store.rows.clear()
    assert await env.advance(other) == AnchorConflict(expected=b"s" * 32, found=b"r" * 32)
    assert env.rows == []


async def test_other_times_under_the_same_hash_are_a_conflict(env: AnchorEnvironment) -> None:
    await env.mined(env.rules())
    env.store.rows.clear()
    assert isinstance(await env.advance(replace(env.rules(), closes_at=CLOSES + 1)), AnchorConflict)


async def test_a_second_and_different_anchor_is_not_signed_while_the_first_is_pending(env: AnchorEnvironment) -> None:
    await env.mined(env.rules())
    await env.advance(env.receipt())
    assert isinstance(await env.advance(env.receipt(receipt_hash=b"s" * 32)), AnchorConflict)
    assert len(env.node.pooled) == 1
    assert len(env.rows) == 2


async def test_an_anchor_past_its_deadline_is_missed_once_that_is_confirmed(env: AnchorEnvironment) -> None:
    await env.mined(env.rules())
    env.node.mine(at=LATEST)
    late = AnchorPending(Stage.UNSIGNED, problem=AnchorProblem.DEADLINE_PASSED)
    assert await env.advance(env.receipt()) == late
    env.node.mine()
    assert await env.advance(env.receipt()) == late
    env.node.mine()
    assert await env.advance(env.receipt()) == AnchorMissed(LATEST, env.node.time)
    assert len(env.rows) == 1


async def test_a_transaction_that_is_mined_too_late_fails_and_is_missed(env: AnchorEnvironment) -> None:
    await env.mined(env.rules())
    await env.advance(env.receipt())
    env.node.mine(at=LATEST)
    env.node.mine(2)
    assert await env.advance(env.receipt()) == AnchorMissed(LATEST, env.node.time)


async def test_an_anchor_whose_stored_rows_are_lost_is_found_on_the_chain(env: AnchorEnvironment) -> None:
    await env.mined(env.rules())
    anchored = await env.mined(env.receipt())
    env.store.rows.clear()
    assert await env.advance(env.receipt()) == anchored
    assert isinstance(await env.advance(env.rules()), Anchored)
    assert env.rows == []


async def test_without_ether_for_fees_nothing_is_signed(env: AnchorEnvironment) -> None:
    env.node.request("anvil_setBalance", "0x" + env.location.sender.hex(), "0x1")
    state = await env.advance(env.rules())
    assert isinstance(state, AnchorPending)
    assert state.problem is AnchorProblem.OUT_OF_FUNDS
    assert env.rows == []


async def test_above_the_fee_limit_nothing_is_signed(env: AnchorEnvironment) -> None:
    env.node.request("anvil_setNextBlockBaseFeePerGas", hex(LIMITS.max_fee_wei))
    env.node.mine()
    state = await env.advance(env.rules())
    assert isinstance(state, AnchorPending)
    assert state.problem is AnchorProblem.FEE_LIMIT
    assert env.rows == []


async def test_other_senders_cannot_block_an_anchor(env: AnchorEnvironment) -> None:
    stranger, raffle = env.node.accounts[0], env.rules().raffle_id.bytes
    env.contract.send(stranger, RULES, raffle, 1, b"x" * 32, bytes(32), CLOSES, LATEST)
    assert isinstance(await env.mined(env.rules()), Anchored)


async def test_the_key_is_in_no_representation(env: AnchorEnvironment) -> None:
    await env.advance(env.rules())
    text = f"{env.rows} {env.anchors!r} {vars(env.anchors)}"
    assert KEY.get_secret_value() not in text
