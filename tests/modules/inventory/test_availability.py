"""Events of availability: one for each change, in order."""

from luxewin.modules.inventory.events import AvailabilityChanged
from tests.modules.inventory.simultaneous import outcomes
from tests.modules.inventory.stockroom import Stockroom


async def test_no_event_is_published_while_a_variant_stays_in_stock(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(10)
    await stockroom.consume(await stockroom.hold((variant, 4)))
    await stockroom.adjust(variant, delta=5)
    assert await stockroom.availability_changes(variant) == []


async def test_the_last_unit_and_its_return_publish_events_in_order(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(2)
    owner = await stockroom.hold((variant, 2))
    await stockroom.release(owner)
    await stockroom.hold((variant, 2))
    assert await stockroom.availability_changes(variant) == [(2, False), (3, True), (4, False)]


async def test_selling_reserved_units_publishes_no_event(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(1)
    await stockroom.consume(await stockroom.hold((variant, 1)))
    assert await stockroom.availability_changes(variant) == [(2, False)]


async def test_concurrent_buyers_of_the_last_units_cause_one_event(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(16)
    assert await outcomes(*(stockroom.hold((variant, 1)) for _ in range(16))) == {"served": 16}
    assert await stockroom.availability_changes(variant) == [(2, False)]


async def test_a_variant_is_out_of_stock_only_when_its_last_location_is_empty(stockroom: Stockroom) -> None:
    variant, annex = await stockroom.variant(2), await stockroom.location("annex")
    await stockroom.adjust(variant, delta=3, location_id=annex)
    await stockroom.hold((variant, 3))
    assert await stockroom.availability_changes(variant) == []
    await stockroom.hold((variant, 2))
    assert await stockroom.availability_changes(variant) == [(2, False)]


async def test_two_locations_that_run_empty_at_the_same_moment_cause_one_event(stockroom: Stockroom) -> None:
    annex = await stockroom.location("annex")
    for _ in range(10):
        variant = await stockroom.variant(4)
        await stockroom.adjust(variant, delta=4, location_id=annex)
        assert await outcomes(*(stockroom.hold((variant, 1)) for _ in range(8))) == {"served": 8}
        assert await stockroom.availability_changes(variant) == [(2, False)]


async def test_stock_that_comes_and_goes_at_the_same_moment_publishes_both_events(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(1)

    async def take_and_return() -> None:
        await stockroom.release(await stockroom.hold((variant, 1)))

    await outcomes(*(take_and_return() for _ in range(30)))
    availability_changes = await stockroom.availability_changes(variant)
    assert [version for version, _ in availability_changes] == list(range(2, len(availability_changes) + 2))
    assert [in_stock for _, in_stock in availability_changes] == [False, True] * (len(availability_changes) // 2)


async def test_first_stock_at_another_location_publishes_an_event(stockroom: Stockroom) -> None:
    variant, annex = await stockroom.variant(0), await stockroom.location("annex")
    await stockroom.adjust(variant, delta=3, location_id=annex)
    assert await stockroom.availability_changes(variant) == [(2, True)]


async def test_the_event_that_the_database_writes_is_the_event_that_is_declared(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(1)
    await stockroom.hold((variant, 1))
    declared = AvailabilityChanged(aggregate_id=variant, aggregate_version=2, variant_id=variant, in_stock=False)
    async with stockroom.database.system() as connection:
        written = await connection.fetchrow(
            "SELECT type, schema_version, aggregate_id, aggregate_version, payload FROM kit_outbox"
            " WHERE tenant_id = $1 AND aggregate_id = $2",
            stockroom.tenant.id,
            variant,
        )
    assert (written["type"], written["schema_version"]) == (
        AvailabilityChanged.type,
        AvailabilityChanged.schema_version,
    )
    assert (written["aggregate_id"], written["aggregate_version"]) == (variant, declared.aggregate_version)
    assert written["payload"] == {name: _as_json(value) for name, value in declared.payload().items()}


def _as_json(value: object) -> object:
    return value if isinstance(value, bool) else str(value)
