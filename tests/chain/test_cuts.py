"""Killed before or after any question to the node and any write to the store, an anchor ends as one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any

import pytest

from luxewin.modules.raffles.anchors.chain import Chain
from luxewin.modules.raffles.domain.anchoring import Anchored
from tests.chain.conftest import LIMITS, World
from tests.chain.ledger import RULES_OF
from tests.chain.store import Store

CROSSED: list[tuple[type[Any], str]] = [
    (Chain, name) for name in vars(Chain) if not name.startswith("_") and name != "visited"
]
CROSSED += [(Store, name) for name in vars(Store) if not name.startswith("_") and name != "rows"]
EFFECTS = {"save", "mark", "broadcast", "run"}
"""Behind these the world is another than before; everything else only asks."""
MOST_STEPS = 40
QUICK = replace(LIMITS, confirmations=2)


class Killed(BaseException):
    """The process ends here, whatever it would have liked to do."""


@contextmanager
def killed_at(cut: int | None, edges: Sequence[tuple[type[Any], str]] = CROSSED) -> Iterator[list[str]]:
    """End the process at its n-th crossing: before a call, and after those with an effect. Yields what was crossed."""
    crossed: list[str] = []

    def cross(edge: str) -> None:
        crossed.append(edge)
        if len(crossed) == cut:
            raise Killed(edge)

    def watched(name: str, call: Any) -> Any:
        @wraps(call)
        async def crossing(*arguments: Any, **named: Any) -> Any:
            cross(f"before {name}")
            answer = await call(*arguments, **named)
            if name in EFFECTS:
                cross(f"after {name}")
            return answer

        return crossing

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in edges:
            patch.setattr(owner, name, watched(name, getattr(owner, name)))
        yield crossed


async def test_killed_at_every_step_it_ends_as_one_transaction(world: World) -> None:
    world = world.restarted(QUICK)
    fresh = world.node.ask("evm_snapshot")
    crossed: set[str] = set()
    for cut in range(1, 500):
        with killed_at(cut) as edges:
            finished = await anchored_in_spite_of_one_death(world)
        crossed |= set(edges)
        assert world.sent_by_us() == 1, edges[-1]
        (row,) = world.rows
        assert row.hash == finished.transaction_hash
        sender, raffle = "0x" + world.place.sender.hex(), world.rules().raffle_id.bytes
        assert world.ledger.read(RULES_OF, sender, raffle, 1)[0] == world.rules().rules_hash
        if len(edges) < cut:
            break
        assert world.node.ask("evm_revert", fresh)
        fresh = world.node.ask("evm_snapshot")
        world = world.restarted(QUICK)
        world.store.rows.clear()
    else:
        raise AssertionError("it never ran to its end")
    assert {"after save", "before broadcast", "after broadcast", "after mark", "before block"} <= crossed


async def anchored_in_spite_of_one_death(world: World) -> Anchored:
    """Take steps until it is anchored; a process that is killed is followed by another, a block passes after each."""
    for _ in range(MOST_STEPS):
        try:
            state = await world.advance(world.rules())
        except Killed:
            world = world.restarted(QUICK)
            continue
        if isinstance(state, Anchored):
            return state
        world.node.mine()
    raise AssertionError("it is never anchored")
