"""The changes of imports, product by product, stored for display and for an undo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from luxewin.kit import statistics
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.catalog_import.domain.imports import (
    FieldChange,
    Import,
    Outcome,
    ProductChange,
    StockEffect,
    WrittenChange,
)
from luxewin.modules.catalog_import.domain.snapshots import Snapshot

KEPT_DAYS = 30
_MOST_DELETED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeToUndo:
    """A change to undo: the product, its version after the change, and its content before (None: it was created)."""

    number: int
    line: int
    slug: str
    product_id: UUID
    version: int
    before: Snapshot | None
    stock_deltas: dict[UUID, int]


def add(tx: Transaction, job: Import, changes: Sequence[WrittenChange]) -> list[Write]:
    """Return the writes that store changes."""
    if not changes:
        return []
    summaries = [change.summary for change in changes]
    return [
        write(
            "INSERT INTO catalog_import_changes (tenant_id, import_id, number, line, slug, name, outcome, fields,"
            " product_id, product_version, before, stock, taken_back)"
            " SELECT $1, $2, c.number, c.line, c.slug, c.name, c.outcome, c.fields::jsonb, c.product_id,"
            " c.product_version, c.before::jsonb, c.stock::jsonb, false"
            " FROM unnest($3::int[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[],"
            " $10::bigint[], $11::text[], $12::text[])"
            " AS c(number, line, slug, name, outcome, fields, product_id, product_version, before, stock)",
            tx.tenant_id,
            job.id,
            [each.number for each in summaries],
            [each.line for each in summaries],
            [each.slug for each in summaries],
            [each.name for each in summaries],
            [each.outcome for each in summaries],
            [_json(each.fields) for each in summaries],
            [change.product_id for change in changes],
            [change.version for change in changes],
            [_json(Snapshot.of(change.before)) if change.before and change.product_id else None for change in changes],
            [_json({str(id_): delta for id_, delta in change.stock_deltas.items()}) for change in changes],
        )
    ]


async def page(
    tx: Transaction, import_id: UUID, *, outcome: Outcome | None, after: int, limit: int
) -> list[ProductChange]:
    """Return a page of an import's changes, in the file's order."""
    condition, parameters = ("", []) if outcome is None else (" AND outcome = $5", [outcome])
    rows = await tx.fetch(
        "SELECT number, line, slug, name, outcome, fields FROM catalog_import_changes"
        f" WHERE tenant_id = $1 AND import_id = $2 AND number > $3{condition} ORDER BY number LIMIT $4",
        tx.tenant_id,
        import_id,
        after,
        limit,
        *parameters,
    )
    return [
        ProductChange(
            number=row["number"],
            line=row["line"],
            slug=row["slug"],
            name=row["name"],
            outcome=Outcome(row["outcome"]),
            fields=tuple(_field_change(field) for field in row["fields"]),
        )
        for row in rows
    ]


async def changes_to_undo(tx: Transaction, import_id: UUID, *, limit: int) -> list[ChangeToUndo]:
    """Return the latest changes that are not undone, the latest first: later changes may depend on earlier ones."""
    rows = await tx.fetch(
        "SELECT number, line, slug, product_id, product_version, before, stock FROM catalog_import_changes"
        " WHERE tenant_id = $1 AND import_id = $2 AND NOT taken_back ORDER BY number DESC LIMIT $3",
        tx.tenant_id,
        import_id,
        limit,
    )
    return [
        ChangeToUndo(
            number=row["number"],
            line=row["line"],
            slug=row["slug"],
            product_id=row["product_id"],
            version=row["product_version"],
            before=Snapshot.read(row["before"]) if row["before"] is not None else None,
            stock_deltas={UUID(id_): delta for id_, delta in row["stock"].items()},
        )
        for row in rows
    ]


def mark_undone(tx: Transaction, import_id: UUID, numbers: Sequence[int]) -> Write:
    """Return the write that marks changes as undone, or as impossible to undo."""
    return write(
        "UPDATE catalog_import_changes SET taken_back = true"
        " WHERE tenant_id = $1 AND import_id = $2 AND number = ANY($3::int[])",
        tx.tenant_id,
        import_id,
        list(numbers),
    )


async def products_changed_since(tx: Transaction, import_id: UUID, *, limit: int) -> list[str]:
    """Return the slugs of products that were changed, deleted or put into a collection since the import."""
    rows = await tx.fetch(
        "SELECT c.slug FROM catalog_import_changes c LEFT JOIN catalog_v_products p"
        " ON p.tenant_id = c.tenant_id AND p.id = c.product_id"
        " WHERE c.tenant_id = $1 AND c.import_id = $2 AND (p.version IS DISTINCT FROM c.product_version"
        " OR (c.outcome = 'created' AND EXISTS (SELECT FROM catalog_v_collection_products m"
        " WHERE m.tenant_id = c.tenant_id AND m.product_id = c.product_id))) ORDER BY c.number LIMIT $3",
        tx.tenant_id,
        import_id,
        limit,
    )
    return [row["slug"] for row in rows]


async def products_without_category(tx: Transaction, import_id: UUID, *, limit: int) -> list[str]:
    """Return the slugs of products whose category before the import no longer exists."""
    rows = await tx.fetch(
        "SELECT c.slug FROM catalog_import_changes c WHERE c.tenant_id = $1 AND c.import_id = $2"
        " AND c.before #>> '{content,category_id}' IS NOT NULL AND NOT EXISTS (SELECT FROM catalog_v_categories k"
        " WHERE k.tenant_id = c.tenant_id AND k.id = (c.before #>> '{content,category_id}')::uuid)"
        " ORDER BY c.number LIMIT $3",
        tx.tenant_id,
        import_id,
        limit,
    )
    return [row["slug"] for row in rows]


async def added_stock(tx: Transaction, import_id: UUID) -> dict[UUID, int]:
    """Return the units that the import has added to the counted stock, by variant."""
    rows = await tx.fetch(
        "SELECT s.key::uuid AS variant_id, s.value::bigint AS delta FROM catalog_import_changes c"
        " CROSS JOIN LATERAL jsonb_each_text(c.stock) AS s(key, value)"
        " WHERE c.tenant_id = $1 AND c.import_id = $2 AND c.stock <> '{}' AND s.value::bigint > 0",
        tx.tenant_id,
        import_id,
    )
    return {row["variant_id"]: row["delta"] for row in rows}


def delete_old(tx: Transaction, job: Import) -> Write:
    """Return the write that deletes changes (not imports) older than `KEPT_DAYS`, a limited number at a time."""
    return write(
        "DELETE FROM catalog_import_changes c USING (SELECT o.import_id, o.number FROM catalog_import_changes o"
        " WHERE o.tenant_id = $1 AND o.import_id IN (SELECT i.id FROM catalog_imports i WHERE i.tenant_id = $1"
        f" AND i.id <> $2 AND i.finished_at < kit_now() - interval '{KEPT_DAYS} days') LIMIT $3) AS d"
        " WHERE c.tenant_id = $1 AND c.import_id = d.import_id AND c.number = d.number",
        tx.tenant_id,
        job.id,
        _MOST_DELETED_AT_ONCE,
    )


async def take_statistics(tx: Transaction) -> None:
    """Update the planner's statistics (ANALYZE) of the table of changes."""
    await statistics.update_statistics(tx, ["catalog_import_changes"])


def _field_change(stored: Mapping[str, Any]) -> FieldChange:
    effect = stored.get("effect")
    return FieldChange(**{**stored, "effect": StockEffect(effect) if effect else None})


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()  # the driver returns UUIDs of its own class
