"""The number of round trips to the database that a purchase takes: the largest part of its time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest

from tests.workflows.market import ADDRESS, Market, pay_with
from tests.workflows.raffles.scenario import post_purchase, publish_raffle


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Record every statement that is sent."""
    sent: list[str] = []
    with monkeypatch.context() as patched:
        for name in ("execute", "fetch", "fetchrow", "fetchval"):
            patched.setattr(asyncpg.Connection, name, _recording(getattr(asyncpg.Connection, name), sent))
        yield sent


def _recording(method: Any, sent: list[str]) -> Any:
    async def recorded(connection: Any, sql: str, *given: Any, **how: Any) -> Any:
        sent.append(" ".join(sql.split())[:60])
        return await method(connection, sql, *given, **how)

    return recorded


async def test_the_first_item_of_an_account_takes_five_round_trips(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = await market.create_variant()
    with counted(monkeypatch) as sent:
        await market.buyer.add_to_cart(variant)
    assert len(sent) == 5, sent


async def test_an_order_placed_and_paid_takes_thirteen_round_trips(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    await market.buyer.add_to_cart(await market.create_variant())
    with counted(monkeypatch) as sent:
        answer = await market.buyer.check_out("tok_visa", key="one")
    assert answer.json()["status"] == "paid"
    assert len(sent) == 13, sent


async def test_an_order_with_every_option_takes_as_many_round_trips(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    await market.buyer.add_to_cart(await market.create_variant())
    known = await market.buyer.request("PUT", "/cart", {"shipping_address": ADDRESS, "note": "Ring twice"})
    market.buyer.headers["if-match"] = known.headers["etag"]
    with counted(monkeypatch) as sent:
        answer = await market.buyer.post(
            "/orders", {"payment": pay_with("tok_visa"), "expected_total": known.json()["totals"]["total"]}, key="one"
        )
    assert answer.json()["status"] == "paid"
    assert len(sent) == 13, sent


async def test_a_ticket_bought_and_paid_takes_seventeen_round_trips(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    raffle = await publish_raffle(market)
    with counted(monkeypatch) as sent:
        answer = await post_purchase(market.buyer, raffle, key="one")
    assert answer.json()["status"] == "paid"
    assert len(sent) == 17, sent


async def test_a_first_payment_is_described_without_a_read_as_it_is_read_later(market: Market) -> None:
    await market.buyer.add_to_cart(await market.create_variant())
    described = (await market.buyer.check_out("tok_visa", key="one")).json()
    assert {"order_token": None, **described} == await market.buyer.read_order(described["id"])
