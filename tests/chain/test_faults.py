"""Faults that an anchor survives: reorganisations, nodes that drop transactions, hang or lag, and taken nonces."""

import asyncio
from dataclasses import replace

from luxewin.modules.raffles.anchors.limits import GWEI, Fees
from luxewin.modules.raffles.anchors.signing import Sender
from luxewin.modules.raffles.domain.anchoring import (
    Anchored,
    AnchorPending,
    AnchorProblem,
    SignedAnchor,
    Stage,
    TransactionState,
)
from tests.chain.anchor_contract import RULES_OF
from tests.chain.anvil import ETHER, Anvil
from tests.chain.conftest import KEY, LIMITS, OTHER_RAFFLE, AnchorEnvironment, anchors_on


async def test_after_a_reorganisation_the_same_transaction_is_sent_again(env: AnchorEnvironment) -> None:
    await env.advance(env.rules())
    env.node.mine(2)
    assert await env.advance(env.rules()) == AnchorPending(Stage.MINED, confirmations=2)
    env.node.reorganise(2)
    assert env.mined_count() == 0
    assert await env.advance(env.rules()) == AnchorPending(Stage.SENT)
    env.node.mine(3)
    anchored = await env.advance(env.rules())
    assert isinstance(anchored, Anchored)
    assert [row.hash for row in env.rows] == [anchored.transaction_hash]
    assert env.mined_count() == 1


async def test_a_dropped_transaction_is_sent_again_unchanged(env: AnchorEnvironment) -> None:
    await env.advance(env.rules())
    (row,) = env.rows
    env.node.drop(row.hash)
    assert env.node.pooled == []
    assert await env.advance(env.rules()) == AnchorPending(Stage.SENT)
    assert env.node.pooled == ["0x" + row.hash.hex()]
    assert [stored.hash for stored in env.rows] == [row.hash]


async def test_a_slow_transaction_is_replaced_with_higher_fees_and_the_same_nonce(env: AnchorEnvironment) -> None:
    await env.advance(env.rules())
    env.now = env.node.time + LIMITS.bump_seconds
    assert await env.advance(env.rules()) == AnchorPending(Stage.SENT)
    first, second = env.rows
    assert (first.nonce, first.calldata) == (second.nonce, second.calldata)
    assert second.max_fee_wei * 10 >= first.max_fee_wei * 11
    assert second.priority_fee_wei * 10 >= first.priority_fee_wei * 11
    assert env.node.pooled == ["0x" + second.hash.hex()]
    env.node.mine(3)
    anchored = await env.advance(env.rules())
    assert isinstance(anchored, Anchored)
    assert anchored.transaction_hash == second.hash
    assert [row.state for row in env.rows] == [TransactionState.REPLACED, TransactionState.CONFIRMED]
    assert env.mined_count() == 1


async def test_the_original_can_be_mined_instead_of_its_replacement(env: AnchorEnvironment) -> None:
    await env.advance(env.rules())
    env.now = env.node.time + LIMITS.bump_seconds
    await env.advance(env.rules())
    first, second = env.rows
    env.node.drop(second.hash)
    env.node.request("eth_sendRawTransaction", "0x" + first.raw.hex())
    env.node.mine(3)
    anchored = await env.advance(env.rules())
    assert isinstance(anchored, Anchored)
    assert anchored.transaction_hash == first.hash
    assert [row.state for row in env.rows] == [TransactionState.CONFIRMED, TransactionState.REPLACED]


async def test_at_the_fee_limit_it_waits_and_reports_it(env: AnchorEnvironment) -> None:
    base = int(env.node.head["baseFeePerGas"], 16)
    env = env.restarted(replace(LIMITS, max_fee_wei=2 * base))
    await env.advance(env.rules())
    env.now = env.node.time + LIMITS.bump_seconds
    assert await env.advance(env.rules()) == AnchorPending(Stage.SENT, problem=AnchorProblem.FEE_LIMIT)
    assert len(env.rows) == 1


async def test_a_nonce_taken_by_another_transaction_is_given_up_once_that_is_confirmed(env: AnchorEnvironment) -> None:
    await env.advance(env.rules())
    (first,) = env.rows
    env.node.drop(first.hash)
    spend_nonce(env)
    env.node.mine()
    waiting = await env.advance(env.rules())
    assert isinstance(waiting, AnchorPending)
    assert waiting.problem is AnchorProblem.NONCE_TAKEN
    assert len(env.rows) == 1
    env.node.mine(2)
    assert await env.advance(env.rules()) == AnchorPending(Stage.SENT)
    lost, anew = env.rows
    assert (lost.state, lost.nonce, anew.nonce) == (TransactionState.REPLACED, 0, 1)
    assert anew.calldata == lost.calldata
    env.node.mine(3)
    assert isinstance(await env.advance(env.rules()), Anchored)


async def test_a_nonce_gap_is_reported_with_the_missing_nonces(env: AnchorEnvironment) -> None:
    for _ in range(2):
        spend_nonce(env)
    env.node.mine()
    await env.advance(env.rules())
    (row,) = env.rows
    assert row.nonce == 2
    env.node.reorganise(1)
    env.node.drop(row.hash)
    gap = AnchorPending(Stage.SENT, problem=AnchorProblem.NONCE_GAP, detail="no transaction is known with nonce 0, 1")
    assert await env.advance(env.rules()) == gap
    env.now = row.signed_at + LIMITS.bump_seconds
    assert await env.advance(env.rules()) == gap
    for nonce in range(2):
        spend_nonce(env, nonce)
    env.node.mine(3)
    assert isinstance(await env.advance(env.rules()), Anchored)
    assert len(env.rows) == 1


async def test_nonces_of_other_pooled_transactions_are_waited_for_but_not_indefinitely(env: AnchorEnvironment) -> None:
    spend_nonce(env)
    await env.advance(env.rules())
    (row,) = env.rows
    assert row.nonce == 1
    assert await env.advance(env.rules()) == AnchorPending(Stage.SENT)
    env.now = row.signed_at + LIMITS.bump_seconds
    state = await env.advance(env.rules())
    assert state == AnchorPending(
        Stage.SENT, problem=AnchorProblem.NONCE_GAP, detail="no transaction is known with nonce 0"
    )
    env.node.mine(3)
    assert isinstance(await env.advance(env.rules()), Anchored)


async def test_earlier_unmined_transactions_of_the_sender_are_sent_again_first(env: AnchorEnvironment) -> None:
    await env.advance(env.rules())
    await env.advance(env.rules(raffle_id=OTHER_RAFFLE))
    for row in env.rows:
        env.node.drop(row.hash)
    assert await env.advance(env.rules(raffle_id=OTHER_RAFFLE)) == AnchorPending(Stage.SENT)
    env.node.mine(3)
    assert isinstance(await env.advance(env.rules(raffle_id=OTHER_RAFFLE)), Anchored)
    assert env.mined_count() == 2


async def test_an_earlier_slow_transaction_of_another_purpose_is_replaced(
    env: AnchorEnvironment,
) -> None:
    await env.advance(env.rules())
    env.now = env.node.time + LIMITS.bump_seconds
    await env.advance(env.rules(raffle_id=OTHER_RAFFLE))
    await env.advance(env.rules(raffle_id=OTHER_RAFFLE))
    first, _, raised = env.rows
    assert (raised.nonce, raised.raffle_id, raised.calldata) == (first.nonce, first.raffle_id, first.calldata)
    assert raised.max_fee_wei > first.max_fee_wei


async def test_a_node_that_hangs_is_skipped_after_the_time_limit(env: AnchorEnvironment) -> None:
    short = replace(LIMITS, step_seconds=0.5)
    with Anvil() as hanging:
        hanging.suspend()
        env.anchors = anchors_on(hanging.url, location=env.location, limits=short)
        state = await env.advance(env.rules())
        assert isinstance(state, AnchorPending)
        assert (state.stage, state.problem) == (Stage.UNSIGNED, AnchorProblem.NODE_SILENT)
        long = replace(LIMITS, step_seconds=2)
        env.anchors = anchors_on(hanging.url, env.node.url, location=env.location, limits=long)
        assert await env.advance(env.rules()) == AnchorPending(Stage.SENT)


async def test_an_unreachable_node_and_one_of_another_chain_are_skipped(env: AnchorEnvironment) -> None:
    with Anvil(chain_id=5) as other, Anvil() as gone:
        gone.close()
        env.anchors = anchors_on(gone.url, other.url, env.node.url, location=env.location)
        assert await env.advance(env.rules()) == AnchorPending(Stage.SENT)
        env.anchors = anchors_on(gone.url, other.url, location=env.location)
        state = await env.advance(env.rules())
        assert isinstance(state, AnchorPending)
        assert (state.stage, state.problem) == (Stage.SENT, AnchorProblem.WRONG_CHAIN)


async def test_a_node_that_lags_behind_is_not_used(env: AnchorEnvironment) -> None:
    env.now = env.node.time + LIMITS.stale_seconds + 1
    state = await env.advance(env.rules())
    assert isinstance(state, AnchorPending)
    assert state.problem is AnchorProblem.STALE_HEAD
    assert env.rows == []
    env.node.mine(at=env.now)
    assert await env.advance(env.rules()) == AnchorPending(Stage.SENT)


async def test_two_processes_that_take_the_same_step_send_one_anchor(env: AnchorEnvironment) -> None:
    other = env.restarted()
    other.store = env.store
    await asyncio.gather(env.advance(env.rules()), other.advance(env.rules()))
    assert len({row.nonce for row in env.rows}) == 1
    env.node.mine(3)
    assert isinstance(await env.advance(env.rules()), Anchored)
    assert env.mined_count() == 1


async def test_two_raffles_at_the_same_time_get_two_nonces(env: AnchorEnvironment) -> None:
    purposes = env.rules(), env.rules(raffle_id=OTHER_RAFFLE)
    await asyncio.gather(*(env.advance(purpose) for purpose in purposes))
    for purpose in purposes:
        assert isinstance(await env.advance(purpose), AnchorPending)
    env.node.mine(3)
    for purpose in purposes:
        assert isinstance(await env.advance(purpose), Anchored)
    assert env.mined_count() == 2


async def test_a_failed_transaction_is_followed_by_another_one_with_the_same_call(
    env: AnchorEnvironment,
) -> None:
    await env.advance(env.rules())
    (row,) = env.rows
    failing = await with_too_little_gas(row)
    env.store.rows = {failing.hash: failing}
    env.node.request("eth_sendRawTransaction", "0x" + failing.raw.hex())
    env.node.mine(3)
    assert await env.advance(env.rules()) == AnchorPending(Stage.SENT)
    assert env.store.rows[failing.hash].state is TransactionState.FAILED
    env.node.mine(3)
    assert isinstance(await env.advance(env.rules()), Anchored)
    sender, raffle = "0x" + env.location.sender.hex(), env.rules().raffle_id.bytes
    assert env.contract.read(RULES_OF, sender, raffle, 1)[0] == bytes([1]) * 32


def spend_nonce(env: AnchorEnvironment, nonce: int | None = None) -> None:
    """Send a transaction of the sender that is not stored, with its next nonce or the given one."""
    sender = "0x" + env.location.sender.hex()
    env.node.request("anvil_impersonateAccount", sender)
    env.node.request("anvil_setBalance", sender, hex(ETHER))
    chosen = {} if nonce is None else {"nonce": hex(nonce)}
    foreign = {"from": sender, "to": env.node.accounts[0], "value": "0x1", "maxFeePerGas": hex(90 * GWEI)}
    env.node.request("eth_sendTransaction", foreign | chosen)


async def with_too_little_gas(row: SignedAnchor) -> SignedAnchor:
    """Return the same anchor signed with too little gas, and with fees high enough to replace the first one."""
    fees = Fees(row.max_fee_wei * 2, row.priority_fee_wei * 2)
    signed = await Sender.of(KEY).sign(
        to=row.location.contract,
        data=row.calldata,
        chain_id=row.location.chain_id,
        nonce=row.nonce,
        gas=40_000,
        fees=fees,
    )
    return replace(row, hash=signed.hash, raw=signed.raw, gas=40_000)
