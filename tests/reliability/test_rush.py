"""A thousand concurrent buyers of a hundred units, over HTTP, with two API processes."""

from tests.program import Program
from tests.reliability.harness import Harness
from tests.reliability.rush import PROXIES_OF_BUYERS, Rush, rush


async def test_a_thousand_buyers_of_a_hundred_units_buy_exactly_a_hundred() -> None:
    with Program(LUXEWIN_TRUSTED_PROXIES=PROXIES_OF_BUYERS) as program:
        harness = Harness(program)
        await harness.open()
        assert await rush(harness, buyers=1_000, units=100) == Rush.expected(buyers=1_000, units=100)
        await harness.close()
