"""The tree of categories."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.categories import (
    MOST_LEVELS,
    Category,
    join_names,
    path_key,
    path_names,
)
from luxewin.modules.catalog.domain.names import slugs_for
from luxewin.modules.catalog.errors import (
    CategoryAmbiguous,
    CategoryInUse,
    CategoryInvalid,
    CategoryNotFound,
    CategoryUnknown,
    NameTaken,
    SlugTaken,
)
from luxewin.modules.catalog.events import CategoryChanged, CategoryDeleted
from luxewin.modules.catalog.repository import categories as repository
from luxewin.modules.catalog.repository import placement
from luxewin.modules.catalog.repository.flushing import flush
from luxewin.modules.catalog.schemas.categories import CategoryBody, CategoryPatch

Names = tuple[str, ...]
"""The names from the root to a category."""

Confirm = Callable[[Category], None]
"""Raises an error if the category is not what the caller expects."""


async def list_categories(tx: Transaction) -> list[Category]:
    """Return the whole tree, parents before their children."""
    return await repository.every(tx)


async def find_category(tx: Transaction, wanted: UUID | str) -> Category:
    """Return a category by its id or slug.

    Raises:
        CategoryUnknown: there is none.
    """
    if isinstance(wanted, UUID):
        category = await repository.with_id(tx, wanted)
    else:
        category = await repository.with_id_or_slug(tx, wanted)
    if category is None:
        raise CategoryUnknown
    return category


async def category_named(tx: Transaction, text: str) -> Category:
    """Return the category at this path, or the only one with this name; for staff a new name creates a category.

    Raises:
        CategoryAmbiguous: several categories have the name.
        CategoryNotFound: there is none, and the caller may not create one.
        CategoryInvalid: the text is not a valid path.
    """
    names = path_names(text)
    at_path = await repository.with_path_keys(tx, [path_key(join_names(names))])
    known = list(at_path.values()) or (await repository.with_name(tx, text) if len(names) == 1 else [])
    category = _only(known)
    if category is not None:
        return category
    if not tx.principal.is_staff:
        raise CategoryNotFound(pointer="/category")
    return (await ensure_categories(tx, [names]))[names]


async def find_category_by_name(tx: Transaction, text: str) -> Category | None:
    """Return the category at this path, or the only one with this name; None if there is none. Nothing is written.

    Raises:
        CategoryAmbiguous: several categories have the name.
        CategoryInvalid: the text is not a valid path.
    """
    names = path_names(text)
    return _only(await repository.at_path_or_named(tx, path_keys={path_key(join_names(names))}, name=text))


def _only(categories: Sequence[Category]) -> Category | None:
    if len(categories) > 1:
        paths = ", ".join(category.path for category in categories)
        raise CategoryAmbiguous(f"More than one category has this name: {paths}", pointer="/category")
    return categories[0] if categories else None


async def ensure_categories(tx: Transaction, paths: Sequence[Names], *, create: bool = True) -> dict[Names, Category]:
    """Return the category at each of these paths; missing categories and their ancestors are created.

    Without `create` the missing categories are returned as they would be created, and nothing is written.
    """
    prefixes = [names[:depth] for names in paths for depth in range(1, len(names) + 1)]
    keys = {names: path_key(join_names(names)) for names in prefixes}
    known = await repository.with_path_keys(tx, set(keys.values())) if keys else {}
    missing: dict[str, Names] = {}
    for names in prefixes:
        if keys[names] not in known:
            missing.setdefault(keys[names], names)
    if missing:
        built = await _build_missing(tx, missing, known)
        if create:
            tx.write(repository.add(tx, built))
            for category in built:
                _publish(tx, category, before=None)
    return {names: known[keys[names]] for names in paths}


async def add_category(tx: Transaction, body: CategoryBody) -> Category:
    """Add a category.

    Raises:
        CategoryInvalid: its parent does not exist, or the tree would be too deep.
        NameTaken, SlugTaken: a sibling has its name, or another category its slug.
    """
    category = _build_category(
        await _parent(tx, body.parent_id), body.name, slug="", position=body.position, at=await tx.now()
    )
    await _name_must_be_free(tx, category)
    slug = await _free_slug(tx, category, wanted=body.slug)
    category = replace(category, slug=slug)
    tx.write(repository.add(tx, [category]))
    await _publish_and_flush(tx, category, before=None)
    return category


async def change_category(
    tx: Transaction, category_id: UUID, changes: Mapping[str, Any], *, confirm: Confirm
) -> Category:
    """Rename or move a category with its descendants; `changes` may contain name, slug, parent_id and position.

    `confirm` receives the category as it stands, under lock. If nothing differs, nothing is written.

    Raises:
        CategoryUnknown: there is no such category.
        CategoryInvalid: the new parent is a descendant or does not exist, or the tree would be too deep.
        NameTaken, SlugTaken: a sibling has its name, or another category its slug.
    """
    below = await repository.lock_below(tx, category_id)
    before = next((category for category in below if category.id == category_id), None)
    if before is None:
        raise CategoryUnknown
    confirm(before)
    parent = await _parent(tx, changes.get("parent_id", before.parent_id))
    if parent is not None and category_id in parent.lineage:
        raise CategoryInvalid("A category cannot be below itself; choose another parent", pointer="/parent_id")
    after = _move(before, parent, changes)
    if after == before:
        return before
    if path_key(after.path) != path_key(before.path):
        await _name_must_be_free(tx, after)
    if after.slug != before.slug:
        await _free_slug(tx, after, wanted=after.slug)
    others = [category for category in below if category.id != category_id]
    tree = [after, *(_move_descendant(category, before, after) for category in others)]
    if max(len(category.lineage) for category in tree) > MOST_LEVELS:
        raise CategoryInvalid(f"Categories are nested at most {MOST_LEVELS} deep", pointer="/parent_id")
    tx.write(*repository.change(tx, [before, *others], tree))
    await _publish_and_flush(tx, replace(after, version=before.version + 1), before=before)
    return replace(after, version=before.version + 1)


async def delete_category(tx: Transaction, category_id: UUID, *, confirm: Confirm) -> None:
    """Delete an empty category; `confirm` receives it as it stands, under lock.

    Raises:
        CategoryUnknown: there is no such category.
        CategoryInUse: it holds products or other categories.
    """
    below = await repository.lock_below(tx, category_id)
    category = next((category for category in below if category.id == category_id), None)
    if category is None:
        raise CategoryUnknown
    confirm(category)
    if await repository.is_in_use(tx, category_id):
        raise CategoryInUse
    tx.write(repository.delete(tx, category))
    tx.publish(CategoryDeleted(aggregate_id=category.id, aggregate_version=category.version + 1, slug=category.slug))
    tx.audit("catalog.category_deleted", target=category.id, before={"path": category.path, "slug": category.slug})
    await placement.notify_caches(tx)


def changes_of(body: CategoryBody | CategoryPatch, *, replaces: bool) -> dict[str, Any]:
    """Return the changes of a body; if it `replaces`, omitted fields except the slug get their defaults."""
    names = type(body).model_fields.keys() if replaces else body.model_fields_set
    return {name: getattr(body, name) for name in names if name != "slug" or body.slug is not None}


async def _build_missing(tx: Transaction, missing: Mapping[str, Names], known: dict[str, Category]) -> list[Category]:
    """Build the missing categories, parents first, and add them to `known`."""
    ids = {key: new_id() for key in missing}
    candidates = {key: _slugs(names, ids[key]) for key, names in missing.items()}
    taken = await repository.slugs_taken(tx, {slug for slugs in candidates.values() for slug in slugs})
    at = await tx.now()
    built = []
    for key, names in missing.items():
        parent = known.get(path_key(join_names(names[:-1]))) if len(names) > 1 else None
        slug = next(slug for slug in candidates[key] if slug not in taken)
        taken.add(slug)
        known[key] = _build_category(parent, names[-1], slug=slug, position=0, at=at, category_id=ids[key])
        built.append(known[key])
    return built


def _slugs(names: Names, category_id: UUID) -> list[str]:
    best, *numbered = slugs_for(names[-1], kind="category", owner_id=category_id)
    return [best, slugs_for(" ".join(names), kind="category", owner_id=category_id)[0], *numbered]


def _build_category(
    parent: Category | None, name: str, *, slug: str, position: int, at: datetime, category_id: UUID | None = None
) -> Category:
    category_id = category_id or new_id()
    if parent is not None and len(parent.lineage) >= MOST_LEVELS:
        raise CategoryInvalid(f"Categories are nested at most {MOST_LEVELS} deep", pointer="/parent_id")
    return Category(
        id=category_id,
        parent_id=parent.id if parent else None,
        slug=slug,
        name=name,
        path=join_names([parent.path, name]) if parent else name,
        lineage=(*parent.lineage, category_id) if parent else (category_id,),
        position=position,
        created_at=at,
        updated_at=at,
        version=1,
    )


def _move(before: Category, parent: Category | None, changes: Mapping[str, Any]) -> Category:
    name = changes.get("name", before.name)
    return replace(
        before,
        parent_id=parent.id if parent else None,
        name=name,
        slug=changes.get("slug", before.slug),
        position=changes.get("position", before.position),
        path=join_names([parent.path, name]) if parent else name,
        lineage=(*parent.lineage, before.id) if parent else (before.id,),
    )


def _move_descendant(category: Category, top_before: Category, top_after: Category) -> Category:
    """Return a descendant of a moved category with its new path and depth."""
    return replace(
        category,
        path=top_after.path + category.path.removeprefix(top_before.path),
        lineage=(*top_after.lineage, *category.lineage[len(top_before.lineage) :]),
    )


async def _parent(tx: Transaction, parent_id: UUID | None) -> Category | None:
    if parent_id is None:
        return None
    parent = (await repository.lock_categories(tx, [parent_id])).get(parent_id)
    if parent is None:
        raise CategoryInvalid("There is no such parent", pointer="/parent_id")
    return parent


async def _name_must_be_free(tx: Transaction, category: Category) -> None:
    at_path = (await repository.with_path_keys(tx, [path_key(category.path)])).values()
    if any(other.id != category.id for other in at_path):
        raise NameTaken


async def _free_slug(tx: Transaction, category: Category, *, wanted: str | None) -> str:
    candidates = [wanted] if wanted else _slugs(path_names(category.path), category.id)
    taken = await repository.slugs_taken(tx, candidates)
    free = next((slug for slug in candidates if slug not in taken), None)
    if free is None:
        raise SlugTaken
    return free


async def _publish_and_flush(tx: Transaction, category: Category, *, before: Category | None) -> None:
    _publish(tx, category, before=before)
    await placement.notify_caches(tx)
    await flush(tx)


def _publish(tx: Transaction, category: Category, *, before: Category | None) -> None:
    tx.publish(
        CategoryChanged(
            aggregate_id=category.id,
            aggregate_version=category.version,
            slug=category.slug,
            name=category.name,
            path=category.path,
            previous_path=before.path if before else None,
        )
    )
    tx.audit(
        "catalog.category_changed" if before else "catalog.category_created",
        target=category.id,
        before={"path": before.path, "slug": before.slug, "position": before.position} if before else None,
        after={"path": category.path, "slug": category.slug, "position": category.position},
    )
