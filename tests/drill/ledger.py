"""Guards of the ledger: every transfer sums to zero, in Python and in the database."""

from collections.abc import Sequence

from tests.drill.guard import Guard

MODELS = "src/luxewin/modules/ledger/models.py"

LEDGER: Sequence[Guard] = (
    Guard(
        name="a transfer object sums to zero",
        file="src/luxewin/modules/ledger/domain.py",
        guard="            if minor:\n",
        gone="            if False:\n",
        tests=["tests/modules/ledger/test_transfers.py"],
    ),
    Guard(
        name="postings that are added together sum to zero",
        file=MODELS,
        guard="    _NEW_POSTINGS_TRIGGER,\n",
        gone="",
        tests=["tests/modules/ledger/test_posting.py::test_the_database_itself_refuses_to_unbalance_a_transfer_later"],
    ),
    Guard(
        name="postings that are changed still sum to zero",
        file=MODELS,
        guard="    _POSTING_TRIGGER,\n",
        gone="",
        tests=["tests/modules/ledger/test_posting.py::test_the_database_itself_refuses_to_change_one_posting_alone"],
    ),
    Guard(
        name="a transfer has postings at its commit",
        file=MODELS,
        guard="    _TRANSFER_TRIGGER,\n",
        gone="",
        tests=["tests/modules/ledger/test_posting.py::test_the_database_itself_refuses_a_transfer_without_postings"],
    ),
    Guard(
        name="a posting has its account's currency",
        file=MODELS,
        guard='reference(["account_id", "currency"], "ledger_accounts", to=("id", "currency")),',
        gone='reference(["account_id"], "ledger_accounts"),',
        tests=["tests/modules/ledger/test_currencies.py"],
    ),
)
