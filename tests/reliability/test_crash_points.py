"""After a crash at any crash point, repeating the request with the same key results in one effect."""

import os
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest

from luxewin.kit.crash_points import CrashFolder, CrashPoint, Position
from tests.program import Program
from tests.reliability.harness import Harness, guest, send_until_served, until
from tests.reliability.scenarios import SCENARIOS, STOCK, Request, Setup

EVERY_POINT = "LUXEWIN_TEST_AT_LENGTH" in os.environ
"""Without it, each scenario crashes once between every two effects: the state does not change in between."""

CRASHES = [
    (name, point)
    for name, scenario in SCENARIOS.items()
    for point in scenario.points()
    if EVERY_POINT or point.position.startswith("before") or point == scenario.points()[-1]
]


@pytest.fixture(scope="module")
def crashes(tmp_path_factory: pytest.TempPathFactory) -> CrashFolder:
    """The folder in which crash points are armed."""
    return CrashFolder(tmp_path_factory.mktemp("crashes"))


@pytest.fixture(scope="module")
async def harness(crashes: CrashFolder) -> AsyncIterator[Harness]:
    """The complete program with crash points enabled; all invariants hold after all crashes."""
    with Program(processes=4, LUXEWIN_ENV="test", LUXEWIN_CRASH_POINTS=str(crashes.path)) as program:
        harness = Harness(program)
        await harness.open()
        yield harness
        crashes.disarm()
        await harness.settle()
        harness.check_invariants()
        await harness.close()


@pytest.fixture
async def setup(harness: Harness, crashes: CrashFolder) -> AsyncIterator[Setup]:
    """A shop with five units of a product, one of them in a guest's cart."""
    crashes.disarm()
    await harness.settle()
    tag = f"t{uuid4().hex[:12]}"
    product = await harness.create_product(tag, stock=STOCK)
    async with guest(harness.program, product) as buyer:
        yield Setup(harness, tag, product, buyer)


async def send_once(request: Request) -> httpx2.Response | None:
    """Send a request; return None if its process died."""
    try:
        return await request()
    except httpx2.TransportError:
        return None


def status_and_body(answer: httpx2.Response) -> tuple[int, bytes]:
    return answer.status_code, answer.content


def test_the_scenarios_pass_every_kind_of_crash_point() -> None:
    assert {point.position for scenario in SCENARIOS.values() for point in scenario.points()} == set(Position)


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_scenario_passes_its_listed_crash_points(setup: Setup, crashes: CrashFolder, name: str) -> None:
    scenario = SCENARIOS[name]
    request = await scenario.prepare(setup)
    await setup.harness.settle()
    before = len(crashes.reached())
    answer = await request()
    assert answer.status_code == scenario.status, answer.text

    def passed() -> list[CrashPoint]:
        return [point for point in crashes.reached()[before:] if point.operation == scenario.execution]

    await until(lambda: set(scenario.points()) <= set(passed()))
    assert scenario.is_background or passed() == scenario.points()
    await setup.harness.settle()
    assert await setup.current_state() == scenario.final_state
    assert await setup.imported() == scenario.imported


@pytest.mark.parametrize(("name", "point"), CRASHES, ids=str)
async def test_a_crash_at_any_point_and_a_repeated_request_have_one_effect(
    setup: Setup, crashes: CrashFolder, name: str, point: CrashPoint
) -> None:
    scenario = SCENARIOS[name]
    request = await scenario.prepare(setup)
    crashes.arm(point)
    first = await send_once(request)
    await until(lambda: not crashes.is_armed)
    await setup.harness.expire_leases()
    repeated = await send_until_served(request)
    assert repeated.status_code == scenario.status, repeated.text
    assert first is None or status_and_body(first) == status_and_body(repeated)
    assert status_and_body(await send_until_served(request)) == status_and_body(repeated)
    await setup.harness.settle()
    assert await setup.current_state() == scenario.final_state
    assert await setup.imported() == scenario.imported
