"""The invariants of stock after many concurrent operations of all kinds."""

import asyncio
import random
from uuid import UUID

import pytest

from luxewin.kit.errors import DomainError
from tests.modules.inventory.stockroom import Stockroom


async def live(stockroom: Stockroom, chance: random.Random, variants: list[UUID], locations: list[UUID]) -> None:
    """Run forty random operations on a stockroom, concurrently with other workers."""
    owners: list[UUID] = []
    for _ in range(40):
        variant = chance.choice(variants)
        try:
            match chance.choice(
                ["hold", "hold", "hold", "consume", "release", "restock", "give up", "adjust", "count", "transfer"]
            ):
                case "hold":
                    lines = [(variant, chance.randint(1, 4)) for variant in chance.sample(variants, k=2)]
                    owners.append(await stockroom.hold(*lines))
                case "consume" if owners:
                    await stockroom.consume(chance.choice(owners))
                case "release" if owners:
                    await stockroom.release(owners.pop())
                case "restock" | "give up" as how if owners:
                    take_back = stockroom.restock if how == "restock" else stockroom.release_undelivered
                    await take_back((variant, 1), owner_id=owners[0])
                case "adjust":
                    await stockroom.adjust(variant, delta=chance.choice([-2, 3]), location_id=chance.choice(locations))
                case "count":
                    await stockroom.adjust(variant, on_hand=chance.randint(0, 6), location_id=chance.choice(locations))
                case "transfer":
                    origin, destination = chance.sample(locations, k=2)
                    await stockroom.transfer(variant, 1, origin=origin, destination=destination)
                case _:
                    pass
        except DomainError:
            continue


@pytest.mark.parametrize("seed", range(4))
async def test_no_invariant_is_violated_by_eight_concurrent_sequences_of_all_operations(
    stockroom: Stockroom, seed: int
) -> None:
    variants = [await stockroom.variant(5, backorder_limit=limit) for limit in (0, 0, 4)]
    variants.append(await stockroom.variant(tracked=False))
    locations = [await stockroom.default_location(), await stockroom.location("annex")]
    await asyncio.gather(
        *(live(stockroom, random.Random(f"{seed}/{one}"), variants, locations) for one in range(8))  # noqa: S311 - a test must be reproducible
    )
    assert await stockroom.violated_invariants() == []


async def test_a_tenant_cannot_see_or_take_the_stock_of_another(stockroom: Stockroom, other_room: Stockroom) -> None:
    variant = await stockroom.variant(5)
    owner = await stockroom.hold((variant, 1))
    with pytest.raises(DomainError) as refused:
        await other_room.hold((variant, 1))
    assert refused.value.facts["available"] == 0
    with pytest.raises(DomainError):
        await other_room.adjust(variant, delta=1)
    await other_room.release(owner)
    assert await stockroom.numbers(variant) == (5, 1)
    for table in ("locations", "variants", "stock", "movements", "reservations"):
        rows = await other_room.rows(f"SELECT tenant_id FROM inventory_{table} WHERE $1::uuid IS NOT NULL")
        assert {row["tenant_id"] for row in rows} <= {other_room.tenant.id}
