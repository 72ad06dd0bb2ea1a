"""The tree of categories: names, paths and depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from luxewin.modules.catalog.domain.names import LONGEST_NAME, fold
from luxewin.modules.catalog.errors import CategoryInvalid

MOST_LEVELS = 8
SEPARATOR = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category; `lineage` holds the ids from the root down to its own, `path` the names."""

    id: UUID
    parent_id: UUID | None
    slug: str
    name: str
    path: str
    lineage: tuple[UUID, ...]
    position: int
    created_at: datetime
    updated_at: datetime
    version: int


@lru_cache(maxsize=4_096)
def path_names(path: str) -> tuple[str, ...]:
    """Return the names of a path: ("Living Room", "Sofas") for "Living Room / Sofas".

    Raises:
        CategoryInvalid: a name is empty or too long, or the path is too deep.
    """
    names = tuple(" ".join(name.split()) for name in path.split(SEPARATOR))
    if not all(names):
        raise CategoryInvalid(
            f"The path {path[:80]!r} has an empty name; write a name between the slashes", pointer="/category"
        )
    if any(len(name) > LONGEST_NAME for name in names):
        raise CategoryInvalid(f"A category's name has at most {LONGEST_NAME} characters", pointer="/category")
    if len(names) > MOST_LEVELS:
        raise CategoryInvalid(f"Categories are nested at most {MOST_LEVELS} deep", pointer="/category")
    return names


def join_names(names: Sequence[str]) -> str:
    """Return the path of these names."""
    return SEPARATOR.join(names)


@lru_cache(maxsize=4_096)
def path_key(path: str) -> str:
    """Return the key of a path; different spellings of the same path have the same key."""
    return join_names([fold(name) for name in path.split(SEPARATOR)])
