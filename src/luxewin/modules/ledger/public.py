"""The ledger's front door: what moved, where it stands, and the proof that nothing was made or lost.

`post` is a value for the transaction's one statement; accounts come into being with their first posting. `TRANSFERS`
is the chain the relay seals; `LAWS` are queries that find nothing while the ledger's laws hold.
"""

from luxewin.modules.ledger.domain import AccountKind, Entry, Transfer, UnbalancedTransferError, account_id
from luxewin.modules.ledger.errors import TransferExists
from luxewin.modules.ledger.repository import INVARIANTS, TRANSFERS
from luxewin.modules.ledger.service import balance, balances, post

__all__ = [
    "INVARIANTS",
    "TRANSFERS",
    "AccountKind",
    "Entry",
    "Transfer",
    "TransferExists",
    "UnbalancedTransferError",
    "account_id",
    "balance",
    "balances",
    "post",
]
