"""An anchor's way when nothing goes wrong, and what is refused before anything is signed."""

from dataclasses import replace

from luxewin.modules.raffles.domain.anchoring import (
    AnchorConflict,
    Anchored,
    AnchorMissed,
    AnchorPending,
    Stage,
    TransactionState,
    Trouble,
)
from tests.chain.anvil import Anvil
from tests.chain.conftest import CLOSES, KEY, LATEST, LIMITS, OTHER_RAFFLE, World, anchors_on
from tests.chain.ledger import RECEIPT_OF, RULES, RULES_OF, Ledger


async def test_rules_a_second_version_and_the_receipt_are_anchored_one_after_the_other(world: World) -> None:
    for purpose in (world.rules(), world.rules(2, closes_at=CLOSES + 100), world.receipt(version=2)):
        assert await world.advance(purpose) == AnchorPending(Stage.SENT)
        world.node.mine()
        assert await world.advance(purpose) == AnchorPending(Stage.MINED, confirmations=1)
        world.node.mine(2)
        anchored = await world.advance(purpose)
        assert isinstance(anchored, Anchored)
        block = world.node.block(anchored.block_number)
        assert block["transactions"] == ["0x" + anchored.transaction_hash.hex()]
        assert (block["hash"], int(block["timestamp"], 16)) == (
            "0x" + anchored.block_hash.hex(),
            anchored.block_timestamp,
        )
        assert await world.advance(purpose) == anchored
    assert [row.state for row in world.rows] == [TransactionState.CONFIRMED] * 3
    assert [row.nonce for row in world.rows] == [0, 1, 2]
    sender = "0x" + world.place.sender.hex()
    assert world.ledger.read(RULES_OF, sender, world.rules().raffle_id.bytes, 2)[0] == bytes([2]) * 32
    assert world.ledger.read(RECEIPT_OF, sender, world.rules().raffle_id.bytes)[0] == b"r" * 32


async def test_two_raffles_of_one_sender_do_not_wait_for_each_other(world: World) -> None:
    purposes = [world.rules(raffle_id=world.rules().raffle_id), world.rules(raffle_id=OTHER_RAFFLE)]
    for purpose in purposes:
        assert await world.advance(purpose) == AnchorPending(Stage.SENT)
    world.node.mine(3)
    for purpose in purposes:
        assert isinstance(await world.advance(purpose), Anchored)
    assert [row.nonce for row in world.rows] == [0, 1]


async def test_looking_signs_nothing(world: World) -> None:
    found = await world.anchors.look_up(world.rules(), store=world.store, now=world.node.time)
    assert found == AnchorPending(Stage.UNSIGNED)
    assert (world.rows, world.node.waiting) == ([], [])
    await world.mined(world.rules())
    assert isinstance(await world.anchors.look_up(world.rules(), store=world.store, now=world.node.time), Anchored)


async def test_another_chain_is_refused_before_anything_is_signed(world: World) -> None:
    with Anvil(chain_id=5) as other:
        Ledger.deployed(other)
        world.anchors = anchors_on(other.url, place=world.place)
        state = await world.advance(world.rules())
    assert state == AnchorPending(Stage.UNSIGNED, trouble=Trouble.WRONG_CHAIN, detail="the node serves chain 5")
    assert world.rows == []


async def test_an_anchor_of_other_settings_than_the_rules_name_is_not_signed(world: World) -> None:
    for other in (replace(world.place, contract=bytes(20)), replace(world.place, sender=bytes(20))):
        state = await world.advance(replace(world.rules(), place=other))
        assert isinstance(state, AnchorPending)
        assert state.trouble is Trouble.OTHER_PLACE
    assert world.rows == []


async def test_nothing_is_sent_to_an_address_without_the_published_contract(world: World) -> None:
    place = replace(world.place, contract=b"\1" * 20)
    world.node.ask("anvil_setCode", "0x" + place.contract.hex(), "0x6000")
    world.anchors = anchors_on(world.node.url, place=place)
    state = await world.advance(replace(world.rules(), place=place))
    assert isinstance(state, AnchorPending)
    assert state.trouble is Trouble.NO_CONTRACT
    assert world.rows == []


async def test_a_receipt_whose_rules_are_not_anchored_is_not_signed(world: World) -> None:
    state = await world.advance(world.receipt())
    assert isinstance(state, AnchorPending)
    assert state.trouble is Trouble.REFUSED
    assert "no such rules" in state.detail
    assert world.rows == []


async def test_a_different_anchor_on_the_chain_is_a_conflict(world: World) -> None:
    await world.mined(world.rules())
    await world.mined(world.receipt())
    other = world.receipt(receipt_hash=b"s" * 32)
    world.store.rows.clear()
    assert await world.advance(other) == AnchorConflict(expected=b"s" * 32, found=b"r" * 32)
    assert world.rows == []


async def test_other_times_under_the_same_hash_are_a_conflict(world: World) -> None:
    await world.mined(world.rules())
    world.store.rows.clear()
    assert isinstance(await world.advance(replace(world.rules(), closes_at=CLOSES + 1)), AnchorConflict)


async def test_a_second_and_different_anchor_is_never_signed_even_while_the_first_waits(world: World) -> None:
    await world.mined(world.rules())
    await world.advance(world.receipt())
    assert isinstance(await world.advance(world.receipt(receipt_hash=b"s" * 32)), AnchorConflict)
    assert len(world.node.waiting) == 1
    assert len(world.rows) == 2


async def test_what_comes_too_late_is_missed_once_no_reorganisation_can_bring_it_back(world: World) -> None:
    await world.mined(world.rules())
    world.node.mine(at=LATEST)
    late = AnchorPending(Stage.UNSIGNED, trouble=Trouble.DEADLINE_PASSED)
    assert await world.advance(world.receipt()) == late
    world.node.mine()
    assert await world.advance(world.receipt()) == late
    world.node.mine()
    assert await world.advance(world.receipt()) == AnchorMissed(LATEST, world.node.time)
    assert len(world.rows) == 1


async def test_a_transaction_that_is_mined_too_late_fails_and_is_missed(world: World) -> None:
    await world.mined(world.rules())
    await world.advance(world.receipt())
    world.node.mine(at=LATEST)
    world.node.mine(2)
    assert await world.advance(world.receipt()) == AnchorMissed(LATEST, world.node.time)


async def test_an_anchor_whose_rows_are_lost_is_found_on_the_chain(world: World) -> None:
    await world.mined(world.rules())
    anchored = await world.mined(world.receipt())
    world.store.rows.clear()
    assert await world.advance(world.receipt()) == anchored
    assert isinstance(await world.advance(world.rules()), Anchored)
    assert world.rows == []


async def test_without_ether_for_fees_nothing_is_signed(world: World) -> None:
    world.node.ask("anvil_setBalance", "0x" + world.place.sender.hex(), "0x1")
    state = await world.advance(world.rules())
    assert isinstance(state, AnchorPending)
    assert state.trouble is Trouble.OUT_OF_FUNDS
    assert world.rows == []


async def test_above_the_fee_limit_nothing_is_signed(world: World) -> None:
    world.node.ask("anvil_setNextBlockBaseFeePerGas", hex(LIMITS.max_fee_wei))
    world.node.mine()
    state = await world.advance(world.rules())
    assert isinstance(state, AnchorPending)
    assert state.trouble is Trouble.FEE_LIMIT
    assert world.rows == []


async def test_strangers_cannot_take_our_place(world: World) -> None:
    stranger, raffle = world.node.accounts[0], world.rules().raffle_id.bytes
    world.ledger.send(stranger, RULES, raffle, 1, b"x" * 32, bytes(32), CLOSES, LATEST)
    assert isinstance(await world.mined(world.rules()), Anchored)


async def test_the_key_is_never_shown(world: World) -> None:
    await world.advance(world.rules())
    shown = f"{world.rows} {world.anchors!r} {vars(world.anchors)}"
    assert KEY.get_secret_value() not in shown
