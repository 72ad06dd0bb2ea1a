"""The audit log: an entry for every administrative change, sealed into a hash chain by the relay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from luxewin.kit.ids import new_id
from luxewin.kit.writes import Write, write


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An action on a target; `before` and `after` are JSON values without secrets."""

    action: str
    target: str
    before: Any = None
    after: Any = None


def add(tenant_id: UUID, actor: str, entries: Sequence[AuditEntry]) -> Write:
    """Return the write that appends the entries."""
    return write(
        "INSERT INTO kit_audit (tenant_id, id, at, actor, action, target, before, after)"
        " SELECT $1, e.id, kit_now(), $3, e.action, e.target, e.before::jsonb, e.after::jsonb"
        " FROM unnest($2::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])"
        " AS e(id, action, target, before, after)",
        tenant_id,
        [new_id() for _ in entries],
        actor,
        [entry.action for entry in entries],
        [entry.target for entry in entries],
        [_json(entry.before) for entry in entries],
        [_json(entry.after) for entry in entries],
    )


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z).decode()
