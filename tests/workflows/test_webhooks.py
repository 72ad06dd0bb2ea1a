"""Webhooks: believed only when signed, stored before they are answered, applied once, in whatever order they come."""

import asyncio
from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Outcome, OutcomeStatus
from luxewin.workflows.pay_order.workflow import record
from luxewin.workflows.reconcile_payments.workflow import apply_due_webhooks
from tests.workflows.market import TOTAL, Market
from tests.workflows.mortality import Killed
from tests.workflows.postman import Postman, forged


@pytest.fixture
def postman(market: Market) -> Postman:
    """Whoever brings the gateway's letters."""
    return Postman(market)


async def slow_order(market: Market) -> UUID:
    """Place an order whose payment is captured some seconds later; return it once that has happened."""
    order = await market.buyer.placed(await market.goods(), "tok_slow")
    assert order["payment_status"] == "unknown"
    await market.pass_time(seconds=6)
    return UUID(order["id"])


async def test_a_webhook_pays_the_order_whose_outcome_was_unknown(market: Market) -> None:
    order_id = await slow_order(market)
    assert await market.deliver() == 1
    assert (await market.buyer.seen(order_id))["status"] == "paid"


async def test_a_webhook_that_comes_ten_times_at_once_and_once_more_has_one_effect(
    market: Market, postman: Postman
) -> None:
    order_id = await slow_order(market)
    (letter,) = await postman.written()
    answers = await asyncio.gather(*(postman.deliver(letter) for _ in range(10)))
    assert {answer.status_code for answer in [*answers, await postman.deliver(letter)]} == {204}
    order = await market.buyer.seen(order_id)
    assert [entry["status"] for entry in order["history"]] == ["pending_payment", "paid"]
    assert (await market.flow.published_events()).count("orders.order_paid") == 1
    assert [row["handled"] for row in await postman.kept()] == [True]


@pytest.mark.parametrize("after", [1, 2])
async def test_a_webhook_whose_receiver_dies_is_applied_by_the_sweep_or_by_its_repeat(
    market: Market, postman: Postman, after: int
) -> None:
    order_id = await slow_order(market)
    (letter,) = await postman.written()
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await postman.deliver(letter)
    assert market.thread.steps == ["commit"] * after
    market.thread.mend()
    await market.pass_time(seconds=10)
    await apply_due_webhooks(market.database, market.directory, market.gateways)
    assert (await market.buyer.seen(order_id))["status"] == "paid"
    assert (await postman.deliver(letter)).status_code == 204
    assert (await market.flow.published_events()).count("orders.order_paid") == 1


async def test_a_webhook_whose_receiver_died_is_applied_when_it_comes_again(market: Market, postman: Postman) -> None:
    order_id = await slow_order(market)
    (letter,) = await postman.written()
    market.thread.cut_after(1)
    with pytest.raises(Killed):
        await postman.deliver(letter)
    market.thread.mend()
    assert (await postman.deliver(letter)).status_code == 204
    assert (await market.buyer.seen(order_id))["status"] == "paid"


async def test_a_webhook_may_come_before_the_answer_that_it_overtook(market: Market, postman: Postman) -> None:
    await market.buyer.take(await market.goods())
    market.thread.cut_after(3)
    with pytest.raises(Killed):
        await market.buyer.check_out("tok_slow", key="one")
    market.thread.mend()
    await market.pass_time(seconds=6)
    (letter,) = await postman.written()
    assert (await postman.deliver(letter)).status_code == 204
    ((attempt_id,),) = await market.rows("SELECT id FROM payments_attempts WHERE tenant_id = $1")
    late = Outcome(OutcomeStatus.CAPTURED, "late", Money(TOTAL, "USD"))
    for overtaken in (Outcome.unknown("processing"), late):
        await record(market.database, market.tenant, SYSTEM, attempt_id, overtaken)
    await market.pass_time(seconds=31)
    answer = await market.buyer.check_out("tok_slow", key="one")
    assert (answer.status_code, answer.json()["status"], answer.json()["payment_status"]) == (201, "paid", "paid")
    assert (await market.books()).captured_minor == TOTAL


async def test_a_dispute_that_comes_before_anybody_knew_of_the_capture_tells_of_both(
    market: Market, postman: Postman
) -> None:
    await market.buyer.take(await market.goods())
    market.thread.cut_after(3)
    with pytest.raises(Killed):
        await market.buyer.check_out("tok_dispute")
    market.thread.mend()
    await market.pass_time(seconds=3)
    (letter,) = await postman.written()
    for _ in range(2):
        assert (await postman.deliver(letter)).status_code == 204
    ((order_id,),) = await market.rows("SELECT id FROM orders_orders WHERE tenant_id = $1")
    order = await market.buyer.seen(order_id)
    assert (order["status"], order["payment_status"]) == ("paid", "disputed")
    assert (await market.books()).held_minor == 0


async def test_a_webhook_that_cannot_be_applied_is_kept_put_off_and_keeps_nobody_waiting(
    market: Market, postman: Postman
) -> None:
    stranger = await postman.about_nothing()
    assert (await postman.deliver(stranger)).status_code == 204
    order_id = await slow_order(market)
    (letter,) = await postman.written()
    market.thread.cut_after(1)
    with pytest.raises(Killed):
        await postman.deliver(letter)
    market.thread.mend()
    await market.pass_time(seconds=10)
    assert await apply_due_webhooks(market.database, market.directory, market.gateways) == 2
    assert (await market.buyer.seen(order_id))["status"] == "paid"
    (waiting,) = [row for row in await postman.kept() if not row["handled"]]
    assert (waiting["tries"], waiting["put_off"]) == (1, True)
    assert await apply_due_webhooks(market.database, market.directory, market.gateways) == 0


async def test_what_is_not_signed_with_the_endpoints_secret_in_time_is_refused_and_leaves_nothing(
    market: Market, postman: Postman
) -> None:
    order_id = await slow_order(market)
    (letter,) = await postman.written()
    for forgery in forged(letter):
        refused = await postman.deliver(forgery)
        assert (refused.status_code, refused.json()["code"]) == (400, "payments.webhook_refused")
    for header in ("", "t=1,v1=", "t=1,v1=" + "0" * 64, "no signature at all"):
        assert (await postman.deliver(letter, **{"Simulator-Signature": header})).status_code == 400
    assert await postman.kept() == []
    assert (await market.buyer.seen(order_id))["status"] == "pending_payment"
    assert (await postman.deliver(letter)).status_code == 204


async def test_a_body_that_was_changed_on_the_way_is_refused(market: Market, postman: Postman) -> None:
    order_id = await slow_order(market)
    (letter,) = await postman.written()
    changed = replace(letter, body=letter.body.replace(b"10990", b"99999"))
    honest = await postman.deliver(letter)
    header = honest.request.headers["simulator-signature"]
    assert changed.body != letter.body
    assert (await postman.deliver(changed, **{"Simulator-Signature": header})).status_code == 400
    assert (await market.buyer.seen(order_id))["status"] == "paid"


async def test_an_endpoint_that_does_not_exist_is_not_there(postman: Postman) -> None:
    letter = await postman.about_nothing()
    other = replace(letter, endpoint_id=UUID(int=7))
    assert (await postman.deliver(other)).status_code == 404
    assert await postman.kept() == []


async def test_the_endpoint_says_whose_webhook_it_is(market: Market, postman: Postman, other_market: Market) -> None:
    order_id = await slow_order(market)
    (letter,) = await postman.written()
    assert (await postman.deliver(letter, **{"X-Tenant": other_market.tenant.slug})).status_code == 204
    assert (await market.buyer.seen(order_id))["status"] == "paid"
    assert await Postman(other_market).kept() == []


async def test_an_endpoint_that_was_retired_is_not_there(market: Market, postman: Postman) -> None:
    letter = await postman.about_nothing()
    await market.database.run(market.tenant, SYSTEM, partial(_retire, endpoint_id=letter.endpoint_id))
    assert (await postman.deliver(letter)).status_code == 404


async def _retire(tx: Transaction, endpoint_id: UUID) -> None:
    payments.retire_endpoint(tx, endpoint_id)
