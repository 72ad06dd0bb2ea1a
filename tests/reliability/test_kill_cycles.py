"""Processes and database are killed, suspended and restarted under load: nothing acknowledged is lost or doubled."""

import random

from tests.program import Program
from tests.reliability.cycles import API_PROCESSES, Deed, deeds, run_cycles
from tests.reliability.lab import Lab

CYCLES = 25
SEED = 20_261_126


async def test_twenty_five_kills_lose_nothing_that_was_acknowledged() -> None:
    chance = random.Random(SEED)  # noqa: S311 - the moments of a test, to be drawn again
    with Program(processes=API_PROCESSES) as program:
        lab = Lab(program)
        await lab.open()
        report = await run_cycles(lab, deeds(chance, CYCLES), chance=chance, buyers=4)
        assert set(report.deeds) == set(Deed)
        assert len(report.deeds) == CYCLES
        assert report.faults == [], "\n".join([report.counts, *report.faults])
        lab.must_be_lawful()
        await lab.close()
