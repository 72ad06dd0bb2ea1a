"""Planner statistics, updated after bulk writes and while tables grow, without waiting for autovacuum."""

from collections.abc import Sequence

from luxewin.kit.database import Database
from luxewin.kit.transaction import Transaction

ANALYSE_EVERY_SECONDS = 2.0


async def update_statistics(tx: Transaction, tables: Sequence[str]) -> None:
    """Update the planner statistics of tables; skipped while another session does the same."""
    await tx.fetchval("SELECT kit_take_statistics($1)", list(tables))


async def analyse_growing_tables(database: Database) -> None:
    """Update the statistics of small tables that have grown by half since they were analysed.

    Statements are planned once, for a new shop on empty tables, where several indexes look equally good; a plan is
    replaced only when its tables are analysed, which autovacuum does up to a minute later. Each table is analysed in a
    transaction of its own.
    """
    while await database.fetch_system_value("SELECT kit_analyse_growing_table()") is not None:
        continue
