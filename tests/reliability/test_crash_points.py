"""The running program may die at any of its crash points: a repeat under the same key ends with one effect."""

import os
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest

from luxewin.kit.crash_points import CrashFolder, CrashPoint, Position
from tests.program import Program
from tests.reliability.lab import Lab, guest, persistent, until
from tests.reliability.stories import STOCK, STORIES, Request, Scene

EVERY_POINT = "LUXEWIN_TEST_AT_LENGTH" in os.environ
"""Without it, a story dies once between every two of its effects: after one all is as it is before the next."""

CUTS = [
    (name, point)
    for name, story in STORIES.items()
    for point in story.points()
    if EVERY_POINT or point.position.startswith("before") or point == story.points()[-1]
]


@pytest.fixture(scope="module")
def crashes(tmp_path_factory: pytest.TempPathFactory) -> CrashFolder:
    """Where the points are armed."""
    return CrashFolder(tmp_path_factory.mktemp("crashes"))


@pytest.fixture(scope="module")
async def lab(crashes: CrashFolder) -> AsyncIterator[Lab]:
    """The whole program, which heeds crash points; the laws hold when it has died at all of them."""
    with Program(processes=4, LUXEWIN_ENV="test", LUXEWIN_CRASH_POINTS=str(crashes.path)) as program:
        lab = Lab(program)
        await lab.open()
        yield lab
        crashes.disarm()
        await lab.come_to_rest()
        lab.must_be_lawful()
        await lab.close()


@pytest.fixture
async def scene(lab: Lab, crashes: CrashFolder) -> AsyncIterator[Scene]:
    """A shop with five of one thing, one of them in somebody's cart."""
    crashes.disarm()
    await lab.come_to_rest()
    tag = f"t{uuid4().hex[:12]}"
    product = await lab.product(tag, stock=STOCK)
    async with guest(lab.program, product) as buyer:
        yield Scene(lab, tag, product, buyer)


async def sent_once(request: Request) -> httpx2.Response | None:
    """Send a request; None where whoever had it has died."""
    try:
        return await request()
    except httpx2.TransportError:
        return None


def told_once(answer: httpx2.Response) -> tuple[int, bytes]:
    return answer.status_code, answer.content


def test_the_stories_pass_every_kind_of_place() -> None:
    assert {point.position for story in STORIES.values() for point in story.points()} == set(Position)


@pytest.mark.parametrize("name", STORIES)
async def test_a_story_passes_the_points_at_which_it_dies_below(scene: Scene, crashes: CrashFolder, name: str) -> None:
    story = STORIES[name]
    request = await story.begin(scene)
    await scene.lab.come_to_rest()
    before = len(crashes.reached())
    answer = await request()
    assert answer.status_code == story.status, answer.text

    def passed() -> list[CrashPoint]:
        return [point for point in crashes.reached()[before:] if point.operation == story.told_by]

    await until(lambda: set(story.points()) <= set(passed()))
    assert story.is_told_by_others or passed() == story.points()
    await scene.lab.come_to_rest()
    assert await scene.standing() == story.end
    assert await scene.brought_in() == story.brought_in


@pytest.mark.parametrize(("name", "point"), CUTS, ids=str)
async def test_whoever_dies_at_a_crash_point_leaves_one_effect(
    scene: Scene, crashes: CrashFolder, name: str, point: CrashPoint
) -> None:
    story = STORIES[name]
    request = await story.begin(scene)
    crashes.arm(point)
    first = await sent_once(request)
    await until(lambda: not crashes.is_armed)
    await scene.lab.end_leases()
    repeated = await persistent(request)
    assert repeated.status_code == story.status, repeated.text
    assert first is None or told_once(first) == told_once(repeated)
    assert told_once(await persistent(request)) == told_once(repeated)
    await scene.lab.come_to_rest()
    assert await scene.standing() == story.end
    assert await scene.brought_in() == story.brought_in
