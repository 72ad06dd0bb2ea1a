"""The manifest of the module."""

from luxewin.kit.manifest import Module
from luxewin.modules.ledger.repository import INVARIANTS, TRANSFERS
from luxewin.modules.ledger.routes import router

MODULE = Module(
    tags={
        "ledger": "Every movement of money in double entry, and the proof that it balances.",
    },
    routers=[router],
    invariants=INVARIANTS,
    chains=[TRANSFERS],
    append_only=["ledger_transfers", "ledger_postings"],
)
