"""A raffle closes, is locked, drawn and proved by time alone; anybody can verify it, and nobody can bend it."""

import json
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest

from luxewin.kit.access import Role
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.raffles.domain.merkle import leaf_hash, root_from_path, ticket_leaf
from luxewin.modules.raffles.public import Beacons, LocalBeacon
from luxewin.workflows.cancel_raffle import workflow as cancelling
from luxewin.workflows.draw_raffle.workflow import draw_due_raffles
from tests.modules.raffles.published import SCHEMA
from tests.modules.raffles.published import read as read_published
from tests.workflows.market import RAFFLE_SECRETS, Market
from tests.workflows.mortality import Killed
from tests.workflows.raffles.fair import (
    TICKET_PRICE,
    at,
    bought,
    buy,
    buyers,
    counts,
    drawn,
    locked,
    numbers,
    published,
    read,
    refused,
    seen,
    told,
)
from verify import verify_draw

SCHEMA_OF_BUNDLES: Any = read_published(SCHEMA)


def must_verify(proof: dict[str, Any]) -> None:
    """Let the offline verifier judge a proof, and the schema where it is there."""
    if SCHEMA_OF_BUNDLES:
        jsonschema_rs.validate(SCHEMA_OF_BUNDLES, proof)
    lines: list[str] = []
    assert verify_draw.verify(json.dumps(proof).encode(), tell=lines.append) == 0, lines


async def test_a_raffle_is_drawn_by_time_alone_and_its_proof_is_accepted(market: Market) -> None:
    raffle = await published(market)
    mine = await bought(market.buyer, raffle, 4)
    for person in buyers(market, 2):
        await bought(person, raffle, 3)
    after = await drawn(market, raffle)
    assert after["status"] == "drawn"
    proof = await read(market, raffle, "proof")
    must_verify(proof)
    assert proof["receipt"]["entries"] == 10
    assert proof["receipt"] == (await read(market, raffle, "receipt"))["receipt"]
    assert proof["entries"] == await read(market, raffle, "entries")
    winners = (await read(market, raffle, "winners"))["data"]
    assert [(winner["prize"], winner["name"], winner["status"]) for winner in winners] == [
        (1, "Chair", "winner"),
        (2, "Lamp", "winner"),
        (None, None, "reserve"),
    ]
    assert [winner["number"] for winner in winners if winner["prize"]] == [
        place["number"] for place in proof["outcome"]["winners"]
    ]
    commits = proof["entries"]["commits"]
    assert [commits[64 * (number - 1) :][:64] for number in numbers(mine)] == [
        ticket["commit"] for ticket in mine["tickets"]
    ]


async def test_what_tickets_cost_is_earned_with_the_draw(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 4)
    await drawn(market, raffle)
    raffle_id = UUID(raffle["id"])
    assert await market.flow.balance(AccountKind.RAFFLE_DEFERRED, raffle_id) == 0
    assert await market.flow.balance(AccountKind.TICKET_INCOME, raffle_id) == -4 * TICKET_PRICE


async def test_receipt_and_entries_are_public_from_the_lock_on_and_the_rest_from_the_draw(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 2)
    path, guest = f"/raffles/{raffle['id']}", market.guest()
    for what in ("receipt", "entries", "proof?ticket=1"):
        refused(await guest.ask("GET", f"{path}/{what}"), 409, "raffles.not_locked")
    assert (await locked(market, raffle))["status"] == "locked"
    for what in ("receipt", "entries", "proof?ticket=1"):
        await read(market, raffle, what)
    for what in ("winners", "proof"):
        refused(await guest.ask("GET", f"{path}/{what}"), 409, "raffles.not_drawn")


async def test_a_ticket_is_shown_to_be_in_the_locked_list(market: Market) -> None:
    raffle = await published(market)
    mine = await bought(market.buyer, raffle, 4)
    await bought(market.person(Role.CUSTOMER), raffle, 3)
    await locked(market, raffle)
    for ticket in mine["tickets"]:
        shown = await read(market, raffle, f"proof?ticket={ticket['number']}")
        assert shown["commit"] == ticket["commit"]
        leaf = leaf_hash(ticket_leaf(UUID(raffle["id"]), ticket["number"], bytes.fromhex(ticket["commit"])))
        path = [bytes.fromhex(sibling) for sibling in shown["path"]]
        root = root_from_path(leaf, position=shown["position"], entries=shown["receipt"]["entries"], path=path)
        assert root is not None
        assert root.hex() == shown["receipt"]["merkle_root"]
    answer = await market.guest().ask("GET", f"/raffles/{raffle['id']}/proof?ticket=8")
    refused(answer, 404, "request.not_found")


async def test_void_tickets_keep_their_numbers_and_are_not_drawn(market: Market) -> None:
    raffle = await published(market)
    first, second, third = buyers(market, 3)
    for person in (first, second, third):
        await bought(person, raffle, 2)
    ((purchase,),) = [told(await second.ask("GET", "/purchases"), 200)["data"]]
    told(await market.staff.post(f"/orders/{purchase['order_id']}/cancel", {"reason": "asked for"}), 200)
    await drawn(market, raffle)
    proof = await read(market, raffle, "proof")
    must_verify(proof)
    assert proof["entries"]["numbers"] == [[1, 2], [5, 6]]


async def test_one_person_wins_once_and_the_skip_shows_why(market: Market) -> None:
    raffle = await published(market, per_person_limit=None, prizes=[{"name": str(n)} for n in range(5)])
    await bought(market.buyer, raffle, 9)
    await bought(market.person(Role.CUSTOMER), raffle, 1)
    await drawn(market, raffle)
    proof = await read(market, raffle, "proof")
    must_verify(proof)
    assert (len(proof["outcome"]["winners"]), len(proof["draw"]["positions"])) == (2, 10)
    assert {skip["reason"] for skip in proof["outcome"]["skips"]} == {"one_per_person"}


async def test_a_raffle_that_is_sold_out_is_locked_early_and_drawn_no_earlier(market: Market) -> None:
    raffle = await published(market, capacity=3, closes_when_sold_out=True, per_person_limit=None)
    await bought(market.buyer, raffle, 2)
    await market.draw()
    assert (await seen(market, raffle))["status"] == "open"
    await bought(market.buyer, raffle, 1)
    await market.draw()
    await market.draw()
    assert (await seen(market, raffle))["status"] == "locked"
    refused(await buy(market.buyer, raffle), 409, "raffles.not_open")
    at(market, hours=2)
    await market.draw()
    proof = await read(market, raffle, "proof")
    must_verify(proof)
    assert proof["beacon"]["round"] == raffle["draw"]["round"]


async def test_a_raffle_that_nobody_entered_is_cancelled(market: Market) -> None:
    raffle = await published(market)
    assert (await locked(market, raffle))["status"] == "cancelled"


async def test_a_list_that_was_not_locked_in_time_is_never_drawn(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 2)
    at(market, hours=2)
    await market.draw()
    assert (await seen(market, raffle))["status"] == "cancelled"
    await market.settle_down()
    assert (await market.books()).held_minor == 0


async def test_nobody_buys_after_the_closing_and_what_nobody_pays_is_let_go(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 2)
    waiting = await bought(market.person(Role.CUSTOMER), raffle, 3, token=None)
    assert (await locked(market, raffle))["status"] == "locked"
    refused(await buy(market.person(Role.CUSTOMER), raffle), 409, "raffles.not_open")
    ((status,),) = await market.rows(
        "SELECT status FROM orders_orders WHERE tenant_id = $1 AND id = $2", waiting["order_id"]
    )
    assert (status, await counts(market, raffle)) == ("expired", (2, 0, 0))


async def test_a_payment_that_is_unknown_at_the_closing_is_waited_for(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 2)
    other = market.person(Role.CUSTOMER)
    purchase = told(await buy(other, raffle, 2, token="tok_unknown"), 202)
    assert (await locked(market, raffle))["status"] == "open"
    await market.pass_time(seconds=30)
    await market.sweep()
    await market.draw()
    assert (await seen(market, raffle))["status"] == "locked"
    assert numbers(told(await other.ask("GET", f"/purchases/{purchase['id']}"), 200)) == [3, 4]
    assert (await read(market, raffle, "receipt"))["receipt"]["entries"] == 4


async def test_a_payment_still_unknown_when_the_round_comes_near_is_void_and_given_back(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 2)
    other = market.person(Role.CUSTOMER)
    purchase = told(await buy(other, raffle, 2, token="tok_unknown"), 202)
    at(market, hours=1, minutes=6)
    await market.draw()
    assert (await seen(market, raffle))["status"] == "locked"
    assert told(await other.ask("GET", f"/purchases/{purchase['id']}"), 200)["status"] == "void"
    await market.settle_down()
    assert (await market.books()).held_minor == 2 * TICKET_PRICE
    assert (await read(market, raffle, "receipt"))["receipt"]["entries"] == 2


async def test_payments_that_stay_unknown_keep_no_other_order_from_being_ended(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancelling, "BATCH", 1)
    raffle = await published(market)
    unknown, asked = market.person(Role.CUSTOMER), market.person(Role.CUSTOMER)
    stays = told(await buy(unknown, raffle, 1, token="tok_unknown"), 202)
    ends = told(await buy(asked, raffle, 1, token="tok_3ds"), 201)
    assert (await locked(market, raffle))["status"] == "open"
    assert told(await unknown.ask("GET", f"/purchases/{stays['id']}"), 200)["status"] == "unknown"
    assert told(await asked.ask("GET", f"/purchases/{ends['id']}"), 200)["status"] == "declined"
    await market.settle_down()
    assert (await market.books()).held_minor == TICKET_PRICE


async def test_nothing_is_taken_out_of_a_locked_list(market: Market) -> None:
    raffle = await published(market)
    purchase = await bought(market.buyer, raffle, 2)
    await locked(market, raffle)
    cancelled = await market.staff.post(f"/orders/{purchase['order_id']}/cancel", {"reason": "asked for"})
    refused(cancelled, 409, "raffles.tickets_final")
    refunded = await market.staff.post(f"/orders/{purchase['order_id']}/refunds", {"reason": "asked for"})
    refused(refunded, 409, "raffles.tickets_final")
    ended = await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "second thoughts"})
    refused(ended, 409, "raffles.state_forbids")


async def test_a_late_round_is_waited_for_and_never_replaced(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 2)
    await locked(market, raffle)
    at(market, hours=2)
    silent = Beacons([LocalBeacon(b"a beacon of one test", clock=lambda: 0)])
    await draw_due_raffles(market.database, market.tenant, market.gateways, silent, RAFFLE_SECRETS)
    assert (await seen(market, raffle))["status"] == "locked"
    other = Beacons([LocalBeacon(b"another beacon")])
    await draw_due_raffles(market.database, market.tenant, market.gateways, other, RAFFLE_SECRETS)
    assert (await seen(market, raffle))["status"] == "locked"
    await market.draw()
    must_verify(await read(market, raffle, "proof"))


async def test_a_list_that_somebody_has_changed_is_not_drawn(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 2)
    await locked(market, raffle)
    change = "UPDATE raffles_tickets SET commit = sha256(commit) WHERE tenant_id = $1 AND number = 2"
    await market.as_owner(change, market.tenant.id)
    at(market, hours=2)
    await market.draw()
    assert (await seen(market, raffle))["status"] == "locked"


STEPS_TO_THE_LOCK = 9
STEPS_TO_THE_DRAW = 6


async def test_drawing_takes_the_steps_at_which_it_is_cut_below(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 3)
    for steps, ahead in ((STEPS_TO_THE_LOCK, {"hours": 1, "seconds": 30}), (STEPS_TO_THE_DRAW, {"hours": 2})):
        at(market, **ahead)
        market.thread.mend()
        await market.draw()
        assert market.thread.steps == ["commit"] * steps


@pytest.mark.parametrize("after", range(1, STEPS_TO_THE_LOCK + STEPS_TO_THE_DRAW + 1))
async def test_killed_at_any_step_it_ends_with_the_winners_that_the_round_gives(market: Market, after: int) -> None:
    raffle = await published(market)
    for person in buyers(market, 3):
        await bought(person, raffle, 3)
    at(market, hours=1, seconds=30)
    market.thread.cut_after(after)
    died = 0
    for ahead in ({"hours": 1, "seconds": 30}, {"hours": 2}):
        at(market, **ahead)
        try:
            await market.draw()
        except Killed:
            died += 1
            market.thread.mend()
            await market.draw()
    market.thread.mend()
    assert died == 1
    proof = await read(market, raffle, "proof")
    must_verify(proof)
    winners = (await read(market, raffle, "winners"))["data"]
    drawn_numbers = [place["number"] for place in (*proof["outcome"]["winners"], *proof["outcome"]["reserves"])]
    assert [winner["number"] for winner in winners] == drawn_numbers
    assert (await seen(market, raffle))["status"] == "drawn"
