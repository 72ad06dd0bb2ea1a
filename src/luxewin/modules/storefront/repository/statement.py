"""A statement in the making: fragments of a closed set, and parameters that are always bound."""

from typing import Any
from uuid import UUID

_ID_CHARACTERS = 36


class Parameters:
    """Binds values to places; the tenant is always `$1`."""

    def __init__(self, tenant_id: UUID) -> None:
        self.values: list[Any] = [tenant_id]

    def bind(self, value: Any) -> str:
        """Take a value, return the place it stands at."""
        self.values.append(value)
        return f"${len(self.values)}"


def as_id(text: str) -> UUID | None:
    """Return the id that a text is, or None where it is a slug; only the usual form with hyphens counts as an id."""
    if len(text) != _ID_CHARACTERS:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
