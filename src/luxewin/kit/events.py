"""Facts: what has happened, in the past tense, versioned, with ids and values and nothing else."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar
from uuid import UUID

_PLACE = ("aggregate_id", "aggregate_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """Base of all facts.

    Subclasses are frozen dataclasses that set `type` (`orders.order_placed`) and `schema_version`, and carry ids and
    values. `aggregate_id` is whose history it belongs to; `aggregate_version` orders it there: it is the version the
    row has after the change, taken under its lock or version check.
    """

    type: ClassVar[str]
    schema_version: ClassVar[int] = 1

    aggregate_id: UUID
    aggregate_version: int

    def payload(self) -> dict[str, Any]:
        """Return the fact's own values by their names; what writes JSON can write them."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _PLACE}


@dataclass(frozen=True, slots=True)
class Event:
    """A fact as the event log tells it: numbered per tenant, without gaps."""

    tenant_id: UUID
    sequence: int
    id: UUID
    type: str
    schema_version: int
    aggregate_id: UUID
    aggregate_version: int
    occurred_at: Any
    payload: dict[str, Any]
