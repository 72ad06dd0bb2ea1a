"""The public API of the ledger: posting transfers, reading balances, and proving that the ledger is balanced.

`post` returns writes for the transaction's statement; an account is created by its first posting. `TRANSFERS` is the
hash chain that the relay seals; `INVARIANTS` are queries that return no row while the ledger's invariants hold.
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
