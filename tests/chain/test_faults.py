"""What an anchor survives: a chain that changes its mind, a node that forgets, hangs or lags, nonces that are gone."""

import asyncio
from dataclasses import replace

from luxewin.modules.raffles.anchors.limits import GWEI, Fees
from luxewin.modules.raffles.anchors.signing import Sender
from luxewin.modules.raffles.domain.anchoring import (
    Anchored,
    AnchorPending,
    SignedAnchor,
    Stage,
    TransactionState,
    Trouble,
)
from tests.chain.anvil import ETHER, Anvil
from tests.chain.conftest import KEY, LIMITS, OTHER_RAFFLE, World, anchors_on
from tests.chain.ledger import RULES_OF


async def test_after_a_reorganisation_the_same_bytes_are_sent_again(world: World) -> None:
    await world.advance(world.rules())
    world.node.mine(2)
    assert await world.advance(world.rules()) == AnchorPending(Stage.MINED, confirmations=2)
    world.node.reorganise(2)
    assert world.sent_by_us() == 0
    assert await world.advance(world.rules()) == AnchorPending(Stage.SENT)
    world.node.mine(3)
    anchored = await world.advance(world.rules())
    assert isinstance(anchored, Anchored)
    assert [row.hash for row in world.rows] == [anchored.transaction_hash]
    assert world.sent_by_us() == 1


async def test_a_dropped_transaction_is_sent_again_unchanged(world: World) -> None:
    await world.advance(world.rules())
    (row,) = world.rows
    world.node.forget(row.hash)
    assert world.node.waiting == []
    assert await world.advance(world.rules()) == AnchorPending(Stage.SENT)
    assert world.node.waiting == ["0x" + row.hash.hex()]
    assert [stored.hash for stored in world.rows] == [row.hash]


async def test_a_transaction_that_waits_too_long_pays_more_under_the_same_nonce(world: World) -> None:
    await world.advance(world.rules())
    world.now = world.node.time + LIMITS.bump_seconds
    assert await world.advance(world.rules()) == AnchorPending(Stage.SENT)
    first, second = world.rows
    assert (first.nonce, first.calldata) == (second.nonce, second.calldata)
    assert second.max_fee_wei * 10 >= first.max_fee_wei * 11
    assert second.priority_fee_wei * 10 >= first.priority_fee_wei * 11
    assert world.node.waiting == ["0x" + second.hash.hex()]
    world.node.mine(3)
    anchored = await world.advance(world.rules())
    assert isinstance(anchored, Anchored)
    assert anchored.transaction_hash == second.hash
    assert [row.state for row in world.rows] == [TransactionState.REPLACED, TransactionState.CONFIRMED]
    assert world.sent_by_us() == 1


async def test_of_two_fees_whichever_is_mined_counts(world: World) -> None:
    await world.advance(world.rules())
    world.now = world.node.time + LIMITS.bump_seconds
    await world.advance(world.rules())
    first, second = world.rows
    world.node.forget(second.hash)
    world.node.ask("eth_sendRawTransaction", "0x" + first.raw.hex())
    world.node.mine(3)
    anchored = await world.advance(world.rules())
    assert isinstance(anchored, Anchored)
    assert anchored.transaction_hash == first.hash
    assert [row.state for row in world.rows] == [TransactionState.CONFIRMED, TransactionState.REPLACED]


async def test_at_the_fee_limit_it_waits_and_says_so(world: World) -> None:
    base = int(world.node.head["baseFeePerGas"], 16)
    world = world.restarted(replace(LIMITS, max_fee_wei=2 * base))
    await world.advance(world.rules())
    world.now = world.node.time + LIMITS.bump_seconds
    assert await world.advance(world.rules()) == AnchorPending(Stage.SENT, trouble=Trouble.FEE_LIMIT)
    assert len(world.rows) == 1


async def test_a_nonce_that_somebody_else_has_spent_is_left_once_that_is_certain(world: World) -> None:
    await world.advance(world.rules())
    (first,) = world.rows
    world.node.forget(first.hash)
    spend_nonce(world)
    world.node.mine()
    waiting = await world.advance(world.rules())
    assert isinstance(waiting, AnchorPending)
    assert waiting.trouble is Trouble.NONCE_TAKEN
    assert len(world.rows) == 1
    world.node.mine(2)
    assert await world.advance(world.rules()) == AnchorPending(Stage.SENT)
    lost, anew = world.rows
    assert (lost.state, lost.nonce, anew.nonce) == (TransactionState.REPLACED, 0, 1)
    assert anew.calldata == lost.calldata
    world.node.mine(3)
    assert isinstance(await world.advance(world.rules()), Anchored)


async def test_a_gap_that_nobody_can_fill_is_reported_with_its_nonces(world: World) -> None:
    for _ in range(2):
        spend_nonce(world)
    world.node.mine()
    await world.advance(world.rules())
    (row,) = world.rows
    assert row.nonce == 2
    world.node.reorganise(1)
    world.node.forget(row.hash)
    gap = AnchorPending(Stage.SENT, trouble=Trouble.NONCE_GAP, detail="nothing is known with nonce 0, 1")
    assert await world.advance(world.rules()) == gap
    world.now = row.signed_at + LIMITS.bump_seconds
    assert await world.advance(world.rules()) == gap
    for nonce in range(2):
        spend_nonce(world, nonce)
    world.node.mine(3)
    assert isinstance(await world.advance(world.rules()), Anchored)
    assert len(world.rows) == 1


async def test_nonces_that_somebody_else_holds_ready_are_waited_for_but_not_for_ever(world: World) -> None:
    spend_nonce(world)
    await world.advance(world.rules())
    (row,) = world.rows
    assert row.nonce == 1
    assert await world.advance(world.rules()) == AnchorPending(Stage.SENT)
    world.now = row.signed_at + LIMITS.bump_seconds
    state = await world.advance(world.rules())
    assert state == AnchorPending(Stage.SENT, trouble=Trouble.NONCE_GAP, detail="nothing is known with nonce 0")
    world.node.mine(3)
    assert isinstance(await world.advance(world.rules()), Anchored)


async def test_what_an_earlier_anchor_of_the_sender_left_unmined_is_sent_again_before(world: World) -> None:
    await world.advance(world.rules())
    await world.advance(world.rules(raffle_id=OTHER_RAFFLE))
    for row in world.rows:
        world.node.forget(row.hash)
    assert await world.advance(world.rules(raffle_id=OTHER_RAFFLE)) == AnchorPending(Stage.SENT)
    world.node.mine(3)
    assert isinstance(await world.advance(world.rules(raffle_id=OTHER_RAFFLE)), Anchored)
    assert world.sent_by_us() == 2


async def test_an_earlier_transaction_that_nobody_asks_for_is_paid_more_to_let_later_ones_through(world: World) -> None:
    await world.advance(world.rules())
    world.now = world.node.time + LIMITS.bump_seconds
    await world.advance(world.rules(raffle_id=OTHER_RAFFLE))
    await world.advance(world.rules(raffle_id=OTHER_RAFFLE))
    first, _, raised = world.rows
    assert (raised.nonce, raised.raffle_id, raised.calldata) == (first.nonce, first.raffle_id, first.calldata)
    assert raised.max_fee_wei > first.max_fee_wei


async def test_a_node_that_hangs_is_given_up_and_the_next_one_asked(world: World) -> None:
    impatient = replace(LIMITS, step_seconds=0.5)
    with Anvil() as hanging:
        hanging.stop()
        world.anchors = anchors_on(hanging.url, place=world.place, limits=impatient)
        state = await world.advance(world.rules())
        assert isinstance(state, AnchorPending)
        assert (state.stage, state.trouble) == (Stage.UNSIGNED, Trouble.NODE_SILENT)
        patient = replace(LIMITS, step_seconds=2)
        world.anchors = anchors_on(hanging.url, world.node.url, place=world.place, limits=patient)
        assert await world.advance(world.rules()) == AnchorPending(Stage.SENT)


async def test_a_node_that_is_not_there_and_one_of_another_chain_are_passed_over(world: World) -> None:
    with Anvil(chain_id=5) as other, Anvil() as gone:
        gone.close()
        world.anchors = anchors_on(gone.url, other.url, world.node.url, place=world.place)
        assert await world.advance(world.rules()) == AnchorPending(Stage.SENT)
        world.anchors = anchors_on(gone.url, other.url, place=world.place)
        state = await world.advance(world.rules())
        assert isinstance(state, AnchorPending)
        assert (state.stage, state.trouble) == (Stage.SENT, Trouble.WRONG_CHAIN)


async def test_a_node_that_lags_behind_is_not_believed(world: World) -> None:
    world.now = world.node.time + LIMITS.stale_seconds + 1
    state = await world.advance(world.rules())
    assert isinstance(state, AnchorPending)
    assert state.trouble is Trouble.STALE_HEAD
    assert world.rows == []
    world.node.mine(at=world.now)
    assert await world.advance(world.rules()) == AnchorPending(Stage.SENT)


async def test_two_processes_that_take_the_same_step_send_one_anchor(world: World) -> None:
    other = world.restarted()
    other.store = world.store
    await asyncio.gather(world.advance(world.rules()), other.advance(world.rules()))
    assert len({row.nonce for row in world.rows}) == 1
    world.node.mine(3)
    assert isinstance(await world.advance(world.rules()), Anchored)
    assert world.sent_by_us() == 1


async def test_two_raffles_at_the_same_moment_get_two_nonces(world: World) -> None:
    purposes = world.rules(), world.rules(raffle_id=OTHER_RAFFLE)
    await asyncio.gather(*(world.advance(purpose) for purpose in purposes))
    for purpose in purposes:
        assert isinstance(await world.advance(purpose), AnchorPending)
    world.node.mine(3)
    for purpose in purposes:
        assert isinstance(await world.advance(purpose), Anchored)
    assert world.sent_by_us() == 2


async def test_a_transaction_of_ours_that_failed_is_followed_by_another_of_the_same_words(world: World) -> None:
    await world.advance(world.rules())
    (row,) = world.rows
    starved = await with_too_little_gas(row)
    world.store.rows = {starved.hash: starved}
    world.node.ask("eth_sendRawTransaction", "0x" + starved.raw.hex())
    world.node.mine(3)
    assert await world.advance(world.rules()) == AnchorPending(Stage.SENT)
    assert world.store.rows[starved.hash].state is TransactionState.FAILED
    world.node.mine(3)
    assert isinstance(await world.advance(world.rules()), Anchored)
    sender, raffle = "0x" + world.place.sender.hex(), world.rules().raffle_id.bytes
    assert world.ledger.read(RULES_OF, sender, raffle, 1)[0] == bytes([1]) * 32


def spend_nonce(world: World, nonce: int | None = None) -> None:
    """Send a transaction of the sender that we know nothing of, with its next nonce or the given one."""
    sender = "0x" + world.place.sender.hex()
    world.node.ask("anvil_impersonateAccount", sender)
    world.node.ask("anvil_setBalance", sender, hex(ETHER))
    chosen = {} if nonce is None else {"nonce": hex(nonce)}
    foreign = {"from": sender, "to": world.node.accounts[0], "value": "0x1", "maxFeePerGas": hex(90 * GWEI)}
    world.node.ask("eth_sendTransaction", foreign | chosen)


async def with_too_little_gas(row: SignedAnchor) -> SignedAnchor:
    """Return the same anchor as it would be with too little gas, and fees enough to take the first one's place."""
    fees = Fees(row.max_fee_wei * 2, row.priority_fee_wei * 2)
    signed = await Sender.of(KEY).signed(
        to=row.place.contract,
        data=row.calldata,
        chain_id=row.place.chain_id,
        nonce=row.nonce,
        gas=40_000,
        fees=fees,
    )
    return replace(row, hash=signed.hash, raw=signed.raw, gas=40_000)
