"""Listeners: each reads the event log of each tenant in order; its effect and its position share one transaction.

An event whose handler fails five times is dead-lettered with its error. Later events of the same aggregate are
dead-lettered behind it, so that their order is kept. All other events are handled. `replay` handles dead letters again.

A listener may handle a batch of events in one transaction; if that fails, it handles each of them separately.
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

BATCH_SIZE = 500
MAX_ATTEMPTS = 5
Handler = Callable[[Transaction, Event], Awaitable[None]]
BatchHandler = Callable[[Transaction, Sequence[Event]], Awaitable[None]]
log = structlog.get_logger("events")


@dataclass(frozen=True, slots=True)
class Listener:
    """A named consumer of the event log, with a handler per type of event; its position is stored by its name.

    `batch_handler` handles several events of `batch_types`, in order, with the same effect as one after the other.
    """

    name: str
    handlers: Mapping[str, Handler]
    batch_handler: BatchHandler | None = None
    batch_types: Collection[str] = ()


async def catch_up(database: Database, tenant: Tenancy, listener: Listener) -> int:
    """Handle all events after the listener's position; return how many there were."""
    handled = 0
    while events := await _events_after_position(database, tenant, listener):
        for batch in _batches(events, listener):
            if not await _try_batch(database, tenant, listener, batch):
                for run in _runs(batch, listener):
                    await _handle_run(database, tenant, listener, run)
        handled += len(events)
    return handled


async def replay(database: Database, tenant: Tenancy, listener: Listener) -> tuple[int, int]:
    """Handle the dead-lettered events again, in order; return how many were handled and how many remain."""
    async with database.begin(tenant, SYSTEM) as tx:
        rows = await tx.fetch(
            f"SELECT {_COLUMNS} FROM kit_parked_events p JOIN kit_event_log l USING (tenant_id, sequence)"
            " WHERE p.tenant_id = $1 AND p.listener = $2 ORDER BY l.sequence",
            tenant.id,
            listener.name,
        )
    handled, blocked = 0, set()
    for event in map(_event, rows):
        if event.aggregate_id in blocked:
            continue
        try:
            await database.run(tenant, SYSTEM, lambda tx, event=event: _redeliver(tx, listener, event))  # type: ignore[misc]  # the default binds the event of this iteration
            handled += 1
        except Exception as error:  # noqa: BLE001 - after any error of a handler its event stays dead-lettered
            blocked.add(event.aggregate_id)
            log.warning(
                "a dead-lettered event failed again", listener=listener.name, sequence=event.sequence, error=repr(error)
            )
    return handled, len(rows) - handled


async def dead_letters(database: Database, *, limit: int = 100) -> list[Any]:
    """Return the dead-lettered events of all tenants, oldest first."""
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


async def _events_after_position(database: Database, tenant: Tenancy, listener: Listener) -> list[Event]:
    async with database.begin(tenant, SYSTEM) as tx:
        position = await tx.fetchval(
            "SELECT sequence FROM kit_positions WHERE tenant_id = $1 AND listener = $2", tenant.id, listener.name
        )
        # Two statements, because a subselect does not use the index of the log under row-level security.
        rows = await tx.fetch(
            f"SELECT {_COLUMNS} FROM kit_event_log l WHERE l.tenant_id = $1 AND l.sequence > $2"
            f" ORDER BY l.sequence LIMIT {BATCH_SIZE}",
            tenant.id,
            position or 0,
        )
    return [_event(row) for row in rows]


def _event(row: Any) -> Event:
    return Event(**dict(row))


def _batches(events: Sequence[Event], listener: Listener) -> list[Sequence[Event]]:
    """Split events around those that have a handler and no batch handler."""
    batches: list[Sequence[Event]] = []
    start = 0
    for index, event in enumerate(events):
        if event.type in listener.handlers and event.type not in listener.batch_types:
            batches += [events[start:index], events[index : index + 1]]
            start = index + 1
    return [batch for batch in (*batches, events[start:]) if batch]


async def _try_batch(database: Database, tenant: Tenancy, listener: Listener, events: Sequence[Event]) -> bool:
    """Handle events in one transaction; return False if they must be handled one by one."""
    if listener.batch_handler is None or not any(event.type in listener.batch_types for event in events):
        return False
    try:
        return await database.run(tenant, SYSTEM, lambda tx: _handle_batch(tx, listener, events))
    except Exception as error:  # noqa: BLE001 - one by one it shows which event fails
        log.warning(
            "a batch of events failed",
            listener=listener.name,
            sequence=events[0].sequence,
            error=repr(error),
        )
        return False


async def _handle_batch(tx: Transaction, listener: Listener, events: Sequence[Event]) -> bool:
    assert listener.batch_handler is not None
    if not await _lock_position(tx, listener, before=events[0].sequence):
        return True
    batch = [event for event in events if event.type in listener.batch_types]
    if await _any_blocked(tx, listener, batch):
        return False
    await listener.batch_handler(tx, batch)
    _advance(tx, listener, events[-1].sequence)
    return True


def _runs(events: Sequence[Event], listener: Listener) -> list[Sequence[Event]]:
    """Split events so that each event with a handler ends a run; those before it only move the position."""
    runs: list[Sequence[Event]] = []
    start = 0
    for index, event in enumerate(events):
        if event.type in listener.handlers:
            runs.append(events[start : index + 1])
            start = index + 1
    if start < len(events):
        runs.append(events[start:])
    return runs


async def _handle_run(database: Database, tenant: Tenancy, listener: Listener, run: Sequence[Event]) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            await database.run(tenant, SYSTEM, lambda tx: _handle(tx, listener, run))
        except (Unavailable, Contended):
            raise  # caused by the database, not by the event
        except Exception as error:  # noqa: BLE001 - after any error of a handler its event is retried, then dead-lettered
            log.warning(
                "an event failed", listener=listener.name, sequence=run[-1].sequence, attempt=attempt, error=repr(error)
            )
            failure = repr(error)
        else:
            return
    await database.run(tenant, SYSTEM, lambda tx: _dead_letter_run(tx, listener, run, failure))


async def _handle(tx: Transaction, listener: Listener, run: Sequence[Event]) -> None:
    if not await _lock_position(tx, listener, before=run[0].sequence):
        return
    event = run[-1]
    handler = listener.handlers.get(event.type)
    if handler is not None:
        if await _is_blocked(tx, listener, event):
            _dead_letter(tx, listener, event, "an earlier event of the same aggregate is dead-lettered", attempts=0)
        else:
            await handler(tx, event)
    _advance(tx, listener, event.sequence)


async def _dead_letter_run(tx: Transaction, listener: Listener, run: Sequence[Event], error: str) -> None:
    if await _lock_position(tx, listener, before=run[0].sequence):
        _dead_letter(tx, listener, run[-1], error, attempts=MAX_ATTEMPTS)
        _advance(tx, listener, run[-1].sequence)


async def _redeliver(tx: Transaction, listener: Listener, event: Event) -> None:
    await listener.handlers[event.type](tx, event)
    tx.write(
        write(
            "DELETE FROM kit_parked_events WHERE tenant_id = $1 AND listener = $2 AND sequence = $3",
            tx.tenant_id,
            listener.name,
            event.sequence,
        )
    )


async def _lock_position(tx: Transaction, listener: Listener, *, before: int) -> bool:
    """Lock the listener's position; return False if another worker has handled these events."""
    await tx.execute(
        "INSERT INTO kit_positions (tenant_id, listener, sequence) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        listener.name,
    )
    position = await tx.fetchval(
        "SELECT sequence FROM kit_positions WHERE tenant_id = $1 AND listener = $2 FOR UPDATE",
        tx.tenant_id,
        listener.name,
    )
    return bool(position == before - 1)


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


def _dead_letter(tx: Transaction, listener: Listener, event: Event, error: str, *, attempts: int) -> None:
    tx.write(
        write(
            "INSERT INTO kit_parked_events (tenant_id, listener, sequence, aggregate_id, tries, error, parked_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, now())",
            tx.tenant_id,
            listener.name,
            event.sequence,
            event.aggregate_id,
            attempts,
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
