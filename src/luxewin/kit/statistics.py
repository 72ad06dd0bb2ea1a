"""Planner statistics, updated after bulk writes without waiting for autovacuum."""

from collections.abc import Sequence

from luxewin.kit.transaction import Transaction


async def update_statistics(tx: Transaction, tables: Sequence[str]) -> None:
    """Update the planner statistics of tables; skipped while another session does the same."""
    await tx.fetchval("SELECT kit_take_statistics($1)", list(tables))
