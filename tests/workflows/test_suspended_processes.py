"""A process that was suspended while others finished its work changes nothing when it resumes."""

import asyncio
from typing import NoReturn

import pytest

from luxewin.kit.errors import Contended
from luxewin.modules.orders import public as orders
from tests.workflows.market import TOTAL, Market, status_and_content
from tests.workflows.workflow_cases import PAID, STOCK, WAITING, must_be_settled, shop_state


@pytest.mark.parametrize("step", ["call charge", "answer"])
async def test_a_process_whose_lease_has_expired_adds_nothing_to_its_successors_work(market: Market, step: str) -> None:
    await market.buyer.add_to_cart(await market.create_variant(stock=STOCK))
    stop = market.process.stop_at(step)
    suspended = asyncio.create_task(market.buyer.check_out("tok_visa", key="one"))
    await stop.reached.wait()
    await market.pass_time(seconds=31)
    successor = await market.buyer.check_out("tok_visa", key="one")
    assert (successor.status_code, successor.json()["status"]) == (201, "paid")
    stop.resumed.set()
    stale = await suspended
    assert status_and_content(stale) == status_and_content(successor) or stale.json()["code"] == "idempotency.in_flight"
    assert status_and_content(await market.buyer.check_out("tok_visa", key="one")) == status_and_content(successor)
    assert await shop_state(market) == PAID
    assert (await market.flow.published_events()).count("orders.order_paid") == 1
    await must_be_settled(market)


async def test_a_charge_that_starts_after_the_sweep_has_voided_it_takes_no_money(market: Market) -> None:
    await market.buyer.add_to_cart(await market.create_variant(stock=STOCK))
    stop = market.process.stop_at("call charge")
    suspended = asyncio.create_task(market.buyer.check_out("tok_visa", key="one"))
    await stop.reached.wait()
    await market.pass_time(seconds=61)
    await market.sweep()
    stop.resumed.set()
    declined = await suspended
    assert (declined.status_code, declined.json()["code"]) == (402, "payments.declined")
    assert await shop_state(market) == WAITING
    await must_be_settled(market)


async def test_an_outcome_that_arrives_after_the_sweep_has_looked_it_up_pays_once(market: Market) -> None:
    await market.buyer.add_to_cart(await market.create_variant(stock=STOCK))
    stop = market.process.stop_at("answer")
    suspended = asyncio.create_task(market.buyer.check_out("tok_visa", key="one"))
    await stop.reached.wait()
    await market.pass_time(seconds=10)
    await market.sweep()
    assert await shop_state(market) == PAID
    stop.resumed.set()
    answer = await suspended
    assert (answer.status_code, answer.json()["status"]) == (201, "paid")
    assert await shop_state(market) == PAID
    assert (await market.gateway_totals()).captured_minor == TOTAL
    await must_be_settled(market)


async def test_an_outcome_whose_rows_are_locked_is_unavailable_and_recorded_by_the_repeat(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    await market.buyer.add_to_cart(await market.create_variant(stock=STOCK))

    async def held(*_: object, **__: object) -> NoReturn:
        raise Contended

    with monkeypatch.context() as patched:
        patched.setattr(orders, "receive_payment", held)
        open_yet = await market.buyer.check_out("tok_visa", key="one")
    assert (open_yet.status_code, open_yet.json()["code"]) == (503, "service.unavailable")
    await market.pass_time(seconds=31)
    repeated = await market.buyer.check_out("tok_visa", key="one")
    assert (repeated.status_code, repeated.json()["status"]) == (201, "paid")
    assert (await market.gateway_totals()).captured_minor == TOTAL
    assert await shop_state(market) == PAID
    await must_be_settled(market)
