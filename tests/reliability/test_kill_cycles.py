"""Faults of processes and database under load: nothing acknowledged is lost or duplicated."""

import random

from tests.program import Program
from tests.reliability.cycles import API_PROCESSES, Fault, faults, run_cycles
from tests.reliability.harness import Harness

CYCLES = 25
SEED = 20_261_126


async def test_twenty_five_faults_lose_nothing_that_was_acknowledged() -> None:
    rng = random.Random(SEED)  # noqa: S311 - reproducible moments of a test
    with Program(processes=API_PROCESSES) as program:
        harness = Harness(program)
        await harness.open()
        report = await run_cycles(harness, faults(rng, CYCLES), rng=rng, buyers=4)
        assert set(report.faults) == set(Fault)
        assert len(report.faults) == CYCLES
        assert report.anomalies == [], "\n".join([report.counts, *report.anomalies])
        harness.check_invariants()
        await harness.close()
