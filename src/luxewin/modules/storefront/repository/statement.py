"""Composing statements from a closed set of fragments, with bound parameters."""

from typing import Any
from uuid import UUID

_ID_CHARACTERS = 36


class Parameters:
    """Bound values; the tenant is always `$1`."""

    def __init__(self, tenant_id: UUID) -> None:
        self.values: list[Any] = [tenant_id]

    def bind(self, value: Any) -> str:
        """Bind a value, and return its placeholder."""
        self.values.append(value)
        return f"${len(self.values)}"


def as_id(text: str) -> UUID | None:
    """Return the text as an id, or None if it is a slug; only the canonical form with hyphens is an id."""
    if len(text) != _ID_CHARACTERS:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
