"""A thousand buyers of a hundred units, over HTTP, through two API processes."""

from tests.program import Program
from tests.reliability.lab import Lab
from tests.reliability.rush import Rush, rush


async def test_a_thousand_buyers_of_a_hundred_units_buy_exactly_a_hundred(program: Program) -> None:
    lab = Lab(program)
    await lab.open()
    assert await rush(lab, buyers=1_000, units=100) == Rush.perfect(buyers=1_000, units=100)
    await lab.close()
