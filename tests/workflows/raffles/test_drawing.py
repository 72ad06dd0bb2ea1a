"""A raffle is closed, locked, drawn and proved when it is due; anybody can verify it, and nobody can influence it."""

import json
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest

from luxewin.modules.identity.public import Role
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.raffles.domain.merkle import leaf_hash, root_from_path, ticket_leaf
from luxewin.modules.raffles.public import Beacons, LocalBeacon
from luxewin.workflows.cancel_raffle import workflow as cancelling
from luxewin.workflows.draw_raffle.workflow import draw_due_raffles
from tests.modules.raffles.published import SCHEMA
from tests.modules.raffles.published import read as read_published
from tests.workflows.market import RAFFLE_SECRETS, Market
from tests.workflows.mortality import Killed
from tests.workflows.raffles.scenario import (
    TICKET_PRICE,
    buy_tickets,
    customers,
    draw_raffle,
    expect,
    expect_error,
    lock_raffle,
    post_purchase,
    publish_raffle,
    read_public,
    read_raffle,
    set_clock,
    ticket_counts,
    ticket_numbers,
)
from verify import verify_draw

SCHEMA_OF_BUNDLES: Any = read_published(SCHEMA)


def must_verify(proof: dict[str, Any]) -> None:
    """Check a proof with the offline verifier, and against the published schema if it is available."""
    if SCHEMA_OF_BUNDLES:
        jsonschema_rs.validate(SCHEMA_OF_BUNDLES, proof)
    lines: list[str] = []
    assert verify_draw.verify(json.dumps(proof).encode(), report=lines.append) == 0, lines


async def test_a_raffle_is_drawn_when_due_and_its_proof_is_accepted(market: Market) -> None:
    raffle = await publish_raffle(market)
    mine = await buy_tickets(market.buyer, raffle, 4)
    for person in customers(market, 2):
        await buy_tickets(person, raffle, 3)
    after = await draw_raffle(market, raffle)
    assert after["status"] == "drawn"
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    promised = json.dumps(after["details"]).encode()
    assert verify_draw.verify(json.dumps(proof).encode(), details=promised) == 0
    other = promised.replace(b'"claim_days": 14', b'"claim_days": 1')
    assert (other != promised, verify_draw.verify(json.dumps(proof).encode(), details=other)) == (True, 1)
    assert proof["receipt"]["entries"] == 10
    assert proof["receipt"] == (await read_public(market, raffle, "receipt"))["receipt"]
    assert proof["entries"] == await read_public(market, raffle, "entries")
    winners = (await read_public(market, raffle, "winners"))["data"]
    assert [(winner["prize"], winner["name"], winner["status"]) for winner in winners] == [
        (1, "Chair", "winner"),
        (2, "Lamp", "winner"),
        (None, None, "reserve"),
    ]
    assert [winner["number"] for winner in winners if winner["prize"]] == [
        place["number"] for place in proof["outcome"]["winners"]
    ]
    commits = proof["entries"]["commits"]
    assert [commits[64 * (number - 1) :][:64] for number in ticket_numbers(mine)] == [
        ticket["commit"] for ticket in mine["tickets"]
    ]


async def test_the_price_of_tickets_becomes_income_at_the_draw(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 4)
    await draw_raffle(market, raffle)
    raffle_id = UUID(raffle["id"])
    assert await market.flow.balance(AccountKind.RAFFLE_DEFERRED, raffle_id) == 0
    assert await market.flow.balance(AccountKind.TICKET_INCOME, raffle_id) == -4 * TICKET_PRICE


async def test_receipt_and_entries_are_public_after_the_lock_and_winners_after_the_draw(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 2)
    path, guest = f"/raffles/{raffle['id']}", market.guest()
    for what in ("receipt", "entries", "proof?ticket=1"):
        expect_error(await guest.request("GET", f"{path}/{what}"), 409, "raffles.not_locked")
    assert (await lock_raffle(market, raffle))["status"] == "locked"
    for what in ("receipt", "entries", "proof?ticket=1"):
        await read_public(market, raffle, what)
    for what in ("winners", "proof"):
        expect_error(await guest.request("GET", f"{path}/{what}"), 409, "raffles.not_drawn")


async def test_a_ticket_is_shown_to_be_in_the_locked_list(market: Market) -> None:
    raffle = await publish_raffle(market)
    mine = await buy_tickets(market.buyer, raffle, 4)
    await buy_tickets(market.person(Role.CUSTOMER), raffle, 3)
    await lock_raffle(market, raffle)
    for ticket in mine["tickets"]:
        inclusion = await read_public(market, raffle, f"proof?ticket={ticket['number']}")
        assert inclusion["commit"] == ticket["commit"]
        leaf = leaf_hash(ticket_leaf(UUID(raffle["id"]), ticket["number"], bytes.fromhex(ticket["commit"])))
        path = [bytes.fromhex(sibling) for sibling in inclusion["path"]]
        root = root_from_path(leaf, position=inclusion["position"], entries=inclusion["receipt"]["entries"], path=path)
        assert root is not None
        assert root.hex() == inclusion["receipt"]["merkle_root"]
    answer = await market.guest().request("GET", f"/raffles/{raffle['id']}/proof?ticket=8")
    expect_error(answer, 404, "request.not_found")


async def test_void_tickets_keep_their_numbers_and_are_not_drawn(market: Market) -> None:
    raffle = await publish_raffle(market)
    first, second, third = customers(market, 3)
    for person in (first, second, third):
        await buy_tickets(person, raffle, 2)
    ((purchase,),) = [expect(await second.request("GET", "/purchases"), 200)["data"]]
    expect(await market.staff.post(f"/orders/{purchase['order_id']}/cancel", {"reason": "asked for"}), 200)
    await draw_raffle(market, raffle)
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    assert proof["entries"]["numbers"] == [[1, 2], [5, 6]]


async def test_one_person_wins_once_and_the_skip_shows_why(market: Market) -> None:
    raffle = await publish_raffle(market, per_person_limit=None, prizes=[{"name": str(n)} for n in range(5)])
    await buy_tickets(market.buyer, raffle, 9)
    await buy_tickets(market.person(Role.CUSTOMER), raffle, 1)
    await draw_raffle(market, raffle)
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    assert (len(proof["outcome"]["winners"]), len(proof["draw"]["positions"])) == (2, 10)
    assert {skip["reason"] for skip in proof["outcome"]["skips"]} == {"one_per_person"}


async def test_a_raffle_that_is_sold_out_is_locked_early_and_drawn_no_earlier(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=3, closes_when_sold_out=True, per_person_limit=None)
    await buy_tickets(market.buyer, raffle, 2)
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "open"
    await buy_tickets(market.buyer, raffle, 1)
    await market.draw()
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "locked"
    expect_error(await post_purchase(market.buyer, raffle), 409, "raffles.not_open")
    set_clock(market, hours=2)
    await market.draw()
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    assert proof["beacon"]["round"] == raffle["draw"]["round"]


async def test_a_raffle_that_nobody_entered_is_cancelled(market: Market) -> None:
    raffle = await publish_raffle(market)
    assert (await lock_raffle(market, raffle))["status"] == "cancelled"


async def test_a_list_not_locked_in_time_is_not_drawn(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 2)
    set_clock(market, hours=2)
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "cancelled"
    await market.settle_down()
    assert (await market.gateway_totals()).held_minor == 0


async def test_after_the_closing_nobody_buys_and_unpaid_tickets_are_released(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 2)
    waiting = await buy_tickets(market.person(Role.CUSTOMER), raffle, 3, token=None)
    assert (await lock_raffle(market, raffle))["status"] == "locked"
    expect_error(await post_purchase(market.person(Role.CUSTOMER), raffle), 409, "raffles.not_open")
    ((status,),) = await market.rows(
        "SELECT status FROM orders_orders WHERE tenant_id = $1 AND id = $2", waiting["order_id"]
    )
    assert (status, await ticket_counts(market, raffle)) == ("expired", (2, 0, 0))


async def test_a_payment_unknown_at_the_closing_is_waited_for(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 2)
    other = market.person(Role.CUSTOMER)
    purchase = expect(await post_purchase(other, raffle, 2, token="tok_unknown"), 202)
    assert (await lock_raffle(market, raffle))["status"] == "open"
    await market.pass_time(seconds=30)
    await market.sweep()
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "locked"
    assert ticket_numbers(expect(await other.request("GET", f"/purchases/{purchase['id']}"), 200)) == [3, 4]
    assert (await read_public(market, raffle, "receipt"))["receipt"]["entries"] == 4


async def test_a_payment_still_unknown_shortly_before_the_round_is_void_and_refunded(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 2)
    other = market.person(Role.CUSTOMER)
    purchase = expect(await post_purchase(other, raffle, 2, token="tok_unknown"), 202)
    set_clock(market, hours=1, minutes=6)
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "locked"
    assert expect(await other.request("GET", f"/purchases/{purchase['id']}"), 200)["status"] == "void"
    await market.settle_down()
    assert (await market.gateway_totals()).held_minor == 2 * TICKET_PRICE
    assert (await read_public(market, raffle, "receipt"))["receipt"]["entries"] == 2


async def test_unknown_payments_do_not_delay_the_end_of_other_orders(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancelling, "BATCH", 1)
    raffle = await publish_raffle(market)
    unknown, asked = market.person(Role.CUSTOMER), market.person(Role.CUSTOMER)
    stays = expect(await post_purchase(unknown, raffle, 1, token="tok_unknown"), 202)
    ends = expect(await post_purchase(asked, raffle, 1, token="tok_3ds"), 201)
    assert (await lock_raffle(market, raffle))["status"] == "open"
    assert expect(await unknown.request("GET", f"/purchases/{stays['id']}"), 200)["status"] == "unknown"
    assert expect(await asked.request("GET", f"/purchases/{ends['id']}"), 200)["status"] == "declined"
    await market.settle_down()
    assert (await market.gateway_totals()).held_minor == TICKET_PRICE


async def test_nothing_is_removed_from_a_locked_list(market: Market) -> None:
    raffle = await publish_raffle(market)
    purchase = await buy_tickets(market.buyer, raffle, 2)
    await lock_raffle(market, raffle)
    cancelled = await market.staff.post(f"/orders/{purchase['order_id']}/cancel", {"reason": "asked for"})
    expect_error(cancelled, 409, "raffles.tickets_final")
    refunded = await market.staff.post(f"/orders/{purchase['order_id']}/refunds", {"reason": "asked for"})
    expect_error(refunded, 409, "raffles.tickets_final")
    ended = await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "second thoughts"})
    expect_error(ended, 409, "raffles.state_forbids")


async def test_a_late_round_is_waited_for_and_not_replaced(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 2)
    await lock_raffle(market, raffle)
    set_clock(market, hours=2)
    unavailable = Beacons([LocalBeacon(b"a beacon of one test", clock=lambda: 0)])
    await draw_due_raffles(market.database, market.tenant, market.gateways, unavailable, RAFFLE_SECRETS)
    assert (await read_raffle(market, raffle))["status"] == "locked"
    other = Beacons([LocalBeacon(b"another beacon")])
    await draw_due_raffles(market.database, market.tenant, market.gateways, other, RAFFLE_SECRETS)
    assert (await read_raffle(market, raffle))["status"] == "locked"
    await market.draw()
    must_verify(await read_public(market, raffle, "proof"))


async def test_a_list_changed_in_the_database_is_not_drawn(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 2)
    await lock_raffle(market, raffle)
    change = "UPDATE raffles_tickets SET commit = sha256(commit) WHERE tenant_id = $1 AND number = 2"
    await market.as_owner(change, market.tenant.id)
    set_clock(market, hours=2)
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "locked"


STEPS_TO_THE_LOCK = 9
STEPS_TO_THE_DRAW = 6


async def test_drawing_has_the_expected_crash_points(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 3)
    for steps, ahead in ((STEPS_TO_THE_LOCK, {"hours": 1, "seconds": 30}), (STEPS_TO_THE_DRAW, {"hours": 2})):
        set_clock(market, **ahead)
        market.process.restart()
        await market.draw()
        assert market.process.steps == ["commit"] * steps


@pytest.mark.parametrize("after", range(1, STEPS_TO_THE_LOCK + STEPS_TO_THE_DRAW + 1))
async def test_interrupted_at_any_step_it_ends_with_the_winners_of_the_round(market: Market, after: int) -> None:
    raffle = await publish_raffle(market)
    for person in customers(market, 3):
        await buy_tickets(person, raffle, 3)
    set_clock(market, hours=1, seconds=30)
    market.process.crash_after(after)
    interruptions = 0
    for ahead in ({"hours": 1, "seconds": 30}, {"hours": 2}):
        set_clock(market, **ahead)
        try:
            await market.draw()
        except Killed:
            interruptions += 1
            market.process.restart()
            await market.draw()
    market.process.restart()
    assert interruptions == 1
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    winners = (await read_public(market, raffle, "winners"))["data"]
    drawn_numbers = [place["number"] for place in (*proof["outcome"]["winners"], *proof["outcome"]["reserves"])]
    assert [winner["number"] for winner in winners] == drawn_numbers
    assert (await read_raffle(market, raffle))["status"] == "drawn"
