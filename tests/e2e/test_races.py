"""Concurrent requests over HTTP to two API processes."""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx2

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.modules.payments.public import open_gateways
from luxewin.runtime.installation import Installation
from tests.e2e.shop import MakeBuyer, MakeProduct, fill_cart, order
from tests.program import Program


async def captured_minor(program: Program, admin: httpx2.AsyncClient) -> int:
    """Return the amount that the simulated gateway has captured for the shop, from its own records."""
    tenants = (await admin.get("/tenants")).json()["data"]
    merchant = next(tenant["id"] for tenant in tenants if tenant["slug"] == "luxyhome")
    async with open_gateways(Installation.find(program.environment, SETTINGS_EXTENSIONS)) as gateways:
        totals = await gateways.offered.get("simulator").report(merchant)
    assert totals is not None
    return sum(total.captured_minor for total in totals)


async def settled_minor(admin: httpx2.AsyncClient, order_ids: list[str]) -> list[int]:
    """Return the amount settled for each order in the ledger."""
    settled = []
    for order_id in order_ids:
        transfers = (await admin.get("/ledger/transfers", params={"cause_id": order_id})).json()["data"]
        (settlement,) = [transfer for transfer in transfers if transfer["cause"] == "order_settled"]
        amounts = [posting["amount"]["amount"] for posting in settlement["postings"]]
        settled.append(sum(amount for amount in amounts if amount > 0))
    return settled


async def test_sixty_buyers_of_ten_units_buy_exactly_ten(
    program: Program, make_product: MakeProduct, make_buyer: MakeBuyer, admin: httpx2.AsyncClient
) -> None:
    product = await make_product(stock=10)
    captured_before = await captured_minor(program, admin)
    limit = asyncio.Semaphore(20)

    async def buy() -> httpx2.AsyncClient:
        buyer = await make_buyer()
        await fill_cart(buyer, product)
        return buyer

    async def check_out(buyer: httpx2.AsyncClient) -> httpx2.Response:
        async with limit:
            return await order(buyer)

    buyers = [await buy() for _ in range(60)]
    answers = await asyncio.gather(*(check_out(buyer) for buyer in buyers))
    paid = [answer.json() for answer in answers if answer.status_code == 201]
    assert len(paid) == 10
    assert {answer["status"] for answer in paid} == {"paid"}
    refused = [answer for answer in answers if answer.status_code != 201]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(409, "inventory.sold_out")}
    seen = (await admin.get(f"/products/{product['id']}")).json()
    assert (seen["stock"], seen["in_stock"]) == (0, False)
    total_minor = paid[0]["totals"]["total"]["amount"]
    assert await captured_minor(program, admin) - captured_before == 10 * total_minor
    assert await settled_minor(admin, [answer["id"] for answer in paid]) == [total_minor] * 10


async def test_one_cart_ordered_fifty_times_under_one_key_is_one_order(
    make_product: MakeProduct, make_buyer: MakeBuyer
) -> None:
    product = await make_product(stock=10)
    buyer = await make_buyer()
    await fill_cart(buyer, product)
    key = uuid4().hex
    answers = await asyncio.gather(*(order(buyer, key=key) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len((await buyer.get("/orders")).json()["data"]) == 1


async def test_one_cart_ordered_under_fifty_keys_is_one_order_and_forty_nine_conflicts(
    make_product: MakeProduct, make_buyer: MakeBuyer
) -> None:
    product = await make_product(stock=100)
    buyer = await make_buyer()
    await fill_cart(buyer, product)
    answers = await asyncio.gather(*(order(buyer, key=uuid4().hex) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
    assert len((await buyer.get("/orders")).json()["data"]) == 1


async def test_fifty_simultaneous_refunds_return_no_more_than_was_paid(
    make_product: MakeProduct, make_buyer: MakeBuyer, admin: httpx2.AsyncClient
) -> None:
    product = await make_product(stock=5, price=10_000)
    buyer = await make_buyer()
    await fill_cart(buyer, product)
    bought = (await order(buyer)).json()
    third = {"amount": {"amount": 4_000, "currency": "USD"}, "reason": "scratched"}
    answers = await asyncio.gather(*(admin.post(f"/orders/{bought['id']}/refunds", json=third) for _ in range(50)))
    granted = [answer for answer in answers if answer.status_code == 201]
    assert len(granted) == bought["totals"]["total"]["amount"] // 4_000
    assert {answer.status_code for answer in answers} == {201, 409}
    seen = (await admin.get(f"/orders/{bought['id']}")).json()
    assert sum(refund["amount"]["amount"] for refund in seen["refunds"]) == 4_000 * len(granted)
