"""Periodic checks: which violation counts at once, and which only when it is found again."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from luxewin.kit import invariant_checks
from luxewin.kit.invariant_checks import Check, InvariantChecks
from luxewin.kit.invariants import Violation
from luxewin.kit.services import Services

OFTEN_SECONDS = 1.0


@pytest.fixture(autouse=True)
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses instead of waiting for their end."""
    recorded: list[float] = []

    async def sleep(seconds: float) -> None:
        recorded.append(seconds)

    monkeypatch.setattr(invariant_checks, "asyncio", SimpleNamespace(sleep=sleep))
    return recorded


async def is_broken(*found: int | None, transient: bool) -> bool:
    """Run a check that finds these rows one after the other, and return whether it counts as violated."""
    statement, remaining = f"an invariant {uuid4()}", list(found)

    async def find(_services: Services) -> Sequence[Violation]:
        row = remaining.pop(0)
        return [] if row is None else [Violation(statement, {"row": row})]

    services: Any = Mock(spec=Services)
    check = Check(statement, find, transient=transient)
    await InvariantChecks({}, [], [check]).run_chains_and_checks(services, every_seconds=OFTEN_SECONDS)
    assert remaining == []
    return bool(REGISTRY.get_sample_value("luxewin_invariant_broken", {"invariant": statement}))


async def test_only_a_transient_check_must_find_a_violation_twice(sleeps: list[float]) -> None:
    assert await is_broken(1, transient=False)
    assert sleeps == []
    assert not await is_broken(1, None, transient=True)
    assert await is_broken(1, 1, transient=True)
    assert len(sleeps) == 2


async def test_another_violation_than_the_first_one_does_not_confirm_it() -> None:
    assert not await is_broken(1, 2, transient=True)


async def test_a_check_that_finds_nothing_is_not_run_again(sleeps: list[float]) -> None:
    assert not await is_broken(None, transient=True)
    assert sleeps == []
