"""Domain events: named in the past tense, versioned, made of ids and values."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar
from uuid import UUID

_ENVELOPE = ("aggregate_id", "aggregate_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """Base of all domain events.

    Subclasses are frozen dataclasses that set `type` (`module.thing_changed`) and `schema_version`, and hold ids and
    values. `aggregate_id` is the object that changed. `aggregate_version` numbers the events of an object: it is the
    version of the row after the change, read under its lock or version check.
    """

    type: ClassVar[str]
    schema_version: ClassVar[int] = 1

    aggregate_id: UUID
    aggregate_version: int

    def payload(self) -> dict[str, Any]:
        """Return the event's own values by name; each can be encoded as JSON."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _ENVELOPE}


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the event log, numbered per tenant without gaps."""

    tenant_id: UUID
    sequence: int
    id: UUID
    type: str
    schema_version: int
    aggregate_id: UUID
    aggregate_version: int
    occurred_at: Any
    payload: dict[str, Any]
