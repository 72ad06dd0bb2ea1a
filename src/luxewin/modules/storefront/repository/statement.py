"""Composing statements from a closed set of fragments, with bound parameters."""

from typing import Any
from uuid import UUID


class Parameters:
    """Bound values; the tenant is always `$1`."""

    def __init__(self, tenant_id: UUID) -> None:
        self.values: list[Any] = [tenant_id]

    def bind(self, value: Any) -> str:
        """Bind a value, and return its placeholder."""
        self.values.append(value)
        return f"${len(self.values)}"
