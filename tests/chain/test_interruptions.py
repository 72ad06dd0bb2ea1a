"""Interrupted before any call to the node or the store, or after any effect, an anchor ends as one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any

import pytest

from luxewin.modules.raffles.anchors.chain import Chain
from luxewin.modules.raffles.domain.anchoring import Anchored
from tests.chain.anchor_contract import RULES_OF
from tests.chain.conftest import LIMITS, AnchorEnvironment
from tests.chain.memory_store import InMemoryStore

CALLS: list[tuple[type[Any], str]] = [
    (Chain, name) for name in vars(Chain) if not name.startswith("_") and name != "connect"
]
CALLS += [(InMemoryStore, name) for name in vars(InMemoryStore) if not name.startswith("_") and name != "rows"]
EFFECTS = {"save", "mark", "broadcast", "run"}
"""Calls that change something; all others only read."""
MAX_STEPS = 40
QUICK = replace(LIMITS, confirmations=2)


class Killed(BaseException):
    """Simulates the death of the process; a BaseException, so that no handler catches it."""


@contextmanager
def killed_at(cut: int | None, calls: Sequence[tuple[type[Any], str]] = CALLS) -> Iterator[list[str]]:
    """Raise `Killed` at the crash point with this number; yield the list of the crash points that were passed.

    There is a crash point before each call, and one after each call with an effect.
    """
    passed: list[str] = []

    def pass_point(point: str) -> None:
        passed.append(point)
        if len(passed) == cut:
            raise Killed(point)

    def with_points(name: str, call: Any) -> Any:
        @wraps(call)
        async def wrapped(*arguments: Any, **named: Any) -> Any:
            pass_point(f"before {name}")
            result = await call(*arguments, **named)
            if name in EFFECTS:
                pass_point(f"after {name}")
            return result

        return wrapped

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in calls:
            patch.setattr(owner, name, with_points(name, getattr(owner, name)))
        yield passed


async def test_interrupted_at_every_step_it_ends_as_one_transaction(env: AnchorEnvironment) -> None:
    env = env.restarted(QUICK)
    snapshot = env.node.request("evm_snapshot")
    passed: set[str] = set()
    for cut in range(1, 500):
        with killed_at(cut) as points:
            anchored = await anchor_with_one_restart(env)
        passed |= set(points)
        assert env.mined_count() == 1, points[-1]
        (row,) = env.rows
        assert row.hash == anchored.transaction_hash
        sender, raffle = "0x" + env.location.sender.hex(), env.rules().raffle_id.bytes
        assert env.contract.read(RULES_OF, sender, raffle, 1)[0] == env.rules().rules_hash
        if len(points) < cut:
            break
        assert env.node.request("evm_revert", snapshot)
        snapshot = env.node.request("evm_snapshot")
        env = env.restarted(QUICK)
        env.store.rows.clear()
    else:
        raise AssertionError("no run passed every crash point")
    assert {"after save", "before broadcast", "after broadcast", "after mark", "before block"} <= passed


async def anchor_with_one_restart(env: AnchorEnvironment) -> Anchored:
    """Take steps until it is anchored, with a new block after each; restart the process when it is killed."""
    for _ in range(MAX_STEPS):
        try:
            state = await env.advance(env.rules())
        except Killed:
            env = env.restarted(QUICK)
            continue
        if isinstance(state, Anchored):
            return state
        env.node.mine()
    raise AssertionError(f"not anchored after {MAX_STEPS} steps")
