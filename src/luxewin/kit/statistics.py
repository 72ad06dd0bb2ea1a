"""Statistics for the planner, taken when much was written and nobody would wait for the server's own round."""

from collections.abc import Sequence

from luxewin.kit.transaction import Transaction


async def take_statistics(tx: Transaction, tables: Sequence[str]) -> None:
    """Tell the planner how large these tables have become; done by nobody else at the same time, or not at all."""
    await tx.fetchval("SELECT kit_take_statistics($1)", list(tables))
