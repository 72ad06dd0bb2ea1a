"""How often a purchase goes to the database and back: what costs most of its time, and grows by itself if unwatched."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest

from tests.workflows.market import Market
from tests.workflows.raffles.scenario import post_purchase, publish_raffle


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Remember every statement that goes out."""
    sent: list[str] = []
    with monkeypatch.context() as patched:
        for name in ("execute", "fetch", "fetchrow", "fetchval"):
            patched.setattr(asyncpg.Connection, name, _remembering(getattr(asyncpg.Connection, name), sent))
        yield sent


def _remembering(method: Any, sent: list[str]) -> Any:
    async def remembered(connection: Any, sql: str, *given: Any, **how: Any) -> Any:
        sent.append(" ".join(sql.split())[:60])
        return await method(connection, sql, *given, **how)

    return remembered


async def test_the_first_item_of_an_account_takes_five_round_trips(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = await market.goods()
    with counted(monkeypatch) as sent:
        await market.buyer.take(variant)
    assert len(sent) == 5, sent


async def test_an_order_placed_and_paid_takes_thirteen_round_trips(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    await market.buyer.take(await market.goods())
    with counted(monkeypatch) as sent:
        answer = await market.buyer.check_out("tok_visa", key="one")
    assert answer.json()["status"] == "paid"
    assert len(sent) == 13, sent


async def test_a_ticket_bought_and_paid_takes_fifteen_round_trips(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    raffle = await publish_raffle(market)
    with counted(monkeypatch) as sent:
        answer = await post_purchase(market.buyer, raffle, key="one")
    assert answer.json()["status"] == "paid"
    assert len(sent) == 15, sent


async def test_what_is_told_of_a_first_payment_without_asking_is_what_is_read_later(market: Market) -> None:
    await market.buyer.take(await market.goods())
    told = (await market.buyer.check_out("tok_visa", key="one")).json()
    assert {"order_token": None, **told} == await market.buyer.seen(told["id"])
