"""Listening: each listener walks the event log of each tenant; its effect and its position share one transaction.

An event that cannot be handled is tried five times, then parked with its error; later events of the same aggregate are
parked behind it, in order, and everything else goes on. `replay` takes parked events up again.

Where a listener can react to many events at once, a run of them is one transaction; if that fails, each is handled for
itself.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import Contended, Unavailable
from luxewin.kit.events import Event
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import write

BATCH = 500
MOST_TRIES = 5
Reaction = Callable[[Transaction, Event], Awaitable[None]]
Together = Callable[[Transaction, Sequence[Event]], Awaitable[None]]
log = structlog.get_logger("events")


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens, and how it reacts to which type of fact; its name keeps its place in the log.

    `together` reacts to many events of `types_together`, in their order, with the same effect as one after the other.
    """

    name: str
    reactions: Mapping[str, Reaction]
    together: Together | None = None
    types_together: Collection[str] = ()


async def catch_up(database: Database, tenant: Tenancy, listener: Listener) -> int:
    """Handle all events that the listener has not seen; return how many were passed."""
    passed = 0
    while events := await _unseen(database, tenant, listener):
        for stretch in _stretches(events, listener):
            if not await _passed_together(database, tenant, listener, stretch):
                for run in _runs(stretch, listener):
                    await _pass(database, tenant, listener, run)
        passed += len(events)
    return passed


async def replay(database: Database, tenant: Tenancy, listener: Listener) -> tuple[int, int]:
    """Handle the parked events again, in order; return how many were handled and how many remain parked."""
    async with database.begin(tenant, SYSTEM) as tx:
        rows = await tx.fetch(
            f"SELECT {_COLUMNS} FROM kit_parked_events p JOIN kit_event_log l USING (tenant_id, sequence)"
            " WHERE p.tenant_id = $1 AND p.listener = $2 ORDER BY l.sequence",
            tenant.id,
            listener.name,
        )
    handled, stuck = 0, set()
    for event in map(_event, rows):
        if event.aggregate_id in stuck:
            continue
        try:
            await database.run(tenant, SYSTEM, lambda tx, event=event: _unpark(tx, listener, event))  # type: ignore[misc]  # the default binds this turn's event
            handled += 1
        except Exception as error:  # noqa: BLE001 - whatever a listener raises, its event stays parked
            stuck.add(event.aggregate_id)
            log.warning(
                "a parked event failed again", listener=listener.name, sequence=event.sequence, error=repr(error)
            )
    return handled, len(rows) - handled


async def parked(database: Database, *, limit: int = 100) -> list[Any]:
    """Return the events that are parked, oldest first, of every tenant."""
    async with database.system() as connection:
        rows: list[Any] = await connection.fetch(
            "SELECT tenant_id, listener, sequence, tries, parked_at, error FROM kit_parked_events"
            " ORDER BY parked_at LIMIT $1",
            limit,
        )
    return rows


_COLUMNS = (
    "l.tenant_id, l.sequence, l.id, l.type, l.schema_version, l.aggregate_id, l.aggregate_version, l.occurred_at,"
    " l.payload"
)


async def _unseen(database: Database, tenant: Tenancy, listener: Listener) -> list[Event]:
    async with database.begin(tenant, SYSTEM) as tx:
        place = await tx.fetchval(
            "SELECT sequence FROM kit_positions WHERE tenant_id = $1 AND listener = $2", tenant.id, listener.name
        )
        # Not in one statement: under row-level security a subselect does not reach the log's index.
        rows = await tx.fetch(
            f"SELECT {_COLUMNS} FROM kit_event_log l WHERE l.tenant_id = $1 AND l.sequence > $2"
            f" ORDER BY l.sequence LIMIT {BATCH}",
            tenant.id,
            place or 0,
        )
    return [_event(row) for row in rows]


def _event(row: Any) -> Event:
    return Event(**dict(row))


def _stretches(events: Sequence[Event], listener: Listener) -> list[Sequence[Event]]:
    """Cut a batch where an event has to be handled for itself."""
    stretches: list[Sequence[Event]] = []
    start = 0
    for place, event in enumerate(events):
        if event.type in listener.reactions and event.type not in listener.types_together:
            stretches += [events[start:place], events[place : place + 1]]
            start = place + 1
    return [stretch for stretch in (*stretches, events[start:]) if stretch]


async def _passed_together(database: Database, tenant: Tenancy, listener: Listener, events: Sequence[Event]) -> bool:
    """Handle events in one transaction; False where they have to be handled one by one."""
    if listener.together is None or not any(event.type in listener.types_together for event in events):
        return False
    try:
        return await database.run(tenant, SYSTEM, lambda tx: _handle_together(tx, listener, events))
    except Exception as error:  # noqa: BLE001 - whatever it is, one by one it will be known which event it was
        log.warning("events failed together", listener=listener.name, sequence=events[0].sequence, error=repr(error))
        return False


async def _handle_together(tx: Transaction, listener: Listener, events: Sequence[Event]) -> bool:
    assert listener.together is not None
    if not await _take_place(tx, listener, before=events[0].sequence):
        return True
    told = [event for event in events if event.type in listener.types_together]
    if await _any_blocked(tx, listener, told):
        return False
    await listener.together(tx, told)
    _advance(tx, listener, events[-1].sequence)
    return True


def _runs(events: Sequence[Event], listener: Listener) -> list[Sequence[Event]]:
    """Cut a batch so that each event with a reaction ends a run: those before it need only be passed."""
    runs: list[Sequence[Event]] = []
    start = 0
    for place, event in enumerate(events):
        if event.type in listener.reactions:
            runs.append(events[start : place + 1])
            start = place + 1
    if start < len(events):
        runs.append(events[start:])
    return runs


async def _pass(database: Database, tenant: Tenancy, listener: Listener, run: Sequence[Event]) -> None:
    for tries in range(1, MOST_TRIES + 1):
        try:
            await database.run(tenant, SYSTEM, lambda tx: _handle(tx, listener, run))
        except (Unavailable, Contended):
            raise  # the database is at fault, not the event
        except Exception as error:  # noqa: BLE001 - whatever a listener raises, its event is tried again, then parked
            log.warning(
                "an event failed", listener=listener.name, sequence=run[-1].sequence, tries=tries, error=repr(error)
            )
            failure = repr(error)
        else:
            return
    await database.run(tenant, SYSTEM, lambda tx: _park(tx, listener, run, failure))


async def _handle(tx: Transaction, listener: Listener, run: Sequence[Event]) -> None:
    if not await _take_place(tx, listener, before=run[0].sequence):
        return
    event = run[-1]
    reaction = listener.reactions.get(event.type)
    if reaction is not None:
        if await _is_blocked(tx, listener, event):
            _park_event(tx, listener, event, "an earlier event of the same aggregate is parked", tries=0)
        else:
            await reaction(tx, event)
    _advance(tx, listener, event.sequence)


async def _park(tx: Transaction, listener: Listener, run: Sequence[Event], error: str) -> None:
    if await _take_place(tx, listener, before=run[0].sequence):
        _park_event(tx, listener, run[-1], error, tries=MOST_TRIES)
        _advance(tx, listener, run[-1].sequence)


async def _unpark(tx: Transaction, listener: Listener, event: Event) -> None:
    await listener.reactions[event.type](tx, event)
    tx.write(
        write(
            "DELETE FROM kit_parked_events WHERE tenant_id = $1 AND listener = $2 AND sequence = $3",
            tx.tenant_id,
            listener.name,
            event.sequence,
        )
    )


async def _take_place(tx: Transaction, listener: Listener, *, before: int) -> bool:
    """Lock the listener's place; False when another worker has already passed these events."""
    await tx.execute(
        "INSERT INTO kit_positions (tenant_id, listener, sequence) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        listener.name,
    )
    place = await tx.fetchval(
        "SELECT sequence FROM kit_positions WHERE tenant_id = $1 AND listener = $2 FOR UPDATE",
        tx.tenant_id,
        listener.name,
    )
    return bool(place == before - 1)


async def _is_blocked(tx: Transaction, listener: Listener, event: Event) -> bool:
    return bool(
        await tx.fetchval(
            "SELECT EXISTS (SELECT FROM kit_parked_events"
            " WHERE tenant_id = $1 AND listener = $2 AND aggregate_id = $3)",
            tx.tenant_id,
            listener.name,
            event.aggregate_id,
        )
    )


async def _any_blocked(tx: Transaction, listener: Listener, events: Sequence[Event]) -> bool:
    return bool(
        await tx.fetchval(
            "SELECT EXISTS (SELECT FROM kit_parked_events"
            " WHERE tenant_id = $1 AND listener = $2 AND aggregate_id = ANY($3::uuid[]))",
            tx.tenant_id,
            listener.name,
            list({event.aggregate_id for event in events}),
        )
    )


def _park_event(tx: Transaction, listener: Listener, event: Event, error: str, *, tries: int) -> None:
    tx.write(
        write(
            "INSERT INTO kit_parked_events (tenant_id, listener, sequence, aggregate_id, tries, error, parked_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, now())",
            tx.tenant_id,
            listener.name,
            event.sequence,
            event.aggregate_id,
            tries,
            error[:2000],
        )
    )


def _advance(tx: Transaction, listener: Listener, sequence: int) -> None:
    tx.write(
        write(
            "UPDATE kit_positions SET sequence = $3 WHERE tenant_id = $1 AND listener = $2",
            tx.tenant_id,
            listener.name,
            sequence,
        )
    )
