"""Transfers as values: value moves, and is never created or lost."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.kit.money import Money
from luxewin.modules.ledger.domain import AccountKind, Entry, Transfer, UnbalancedTransferError, account_id

AMOUNTS = st.integers(min_value=1, max_value=10**12)
CAUSE = UUID("0199a1b2-0000-7000-8000-000000000001")


def _entry(minor: int, currency: str = "USD", kind: AccountKind = AccountKind.ORDER_CLEARING) -> Entry:
    return Entry(kind, None, Money(minor, currency))


@given(st.lists(AMOUNTS, min_size=1, max_size=20))
def test_any_debits_with_one_credit_of_their_sum_are_a_transfer(amounts: list[int]) -> None:
    entries = (*(_entry(minor) for minor in amounts), _entry(-sum(amounts), kind=AccountKind.OWN_SALES))
    assert sum(entry.amount.minor for entry in Transfer(uuid4(), "test", CAUSE, entries).entries) == 0


@given(st.lists(AMOUNTS, min_size=1, max_size=20), st.integers(min_value=1, max_value=10**9))
def test_an_unbalanced_transfer_is_refused(amounts: list[int], off_by: int) -> None:
    entries = (*(_entry(minor) for minor in amounts), _entry(-sum(amounts) - off_by))
    with pytest.raises(UnbalancedTransferError):
        Transfer(uuid4(), "test", CAUSE, entries)


def test_currencies_do_not_balance_each_other() -> None:
    with pytest.raises(UnbalancedTransferError):
        Transfer(uuid4(), "test", CAUSE, (_entry(100, "USD"), _entry(-100, "EUR")))


@pytest.mark.parametrize("entries", [(), (_entry(0), _entry(0)), (_entry(5), _entry(-5), _entry(0))])
def test_a_transfer_has_two_or_more_entries_that_are_not_zero(entries: tuple[Entry, ...]) -> None:
    with pytest.raises(UnbalancedTransferError):
        Transfer(uuid4(), "test", CAUSE, entries)


def test_a_cause_has_one_transfer_without_entries_of_zero() -> None:
    entries = (_entry(100), _entry(0, kind=AccountKind.TAX_PAYABLE), _entry(-100, kind=AccountKind.OWN_SALES))
    first, again = (Transfer.caused_by("order_settled", CAUSE, entries) for _ in range(2))
    assert first == again
    assert first.id != Transfer.caused_by("order_refunded", CAUSE, entries).id
    assert [entry.kind for entry in first.entries] == [AccountKind.ORDER_CLEARING, AccountKind.OWN_SALES]


def test_accounts_of_different_tenants_kinds_owners_or_currencies_never_coincide() -> None:
    tenants, owners = (uuid4(), uuid4()), (None, uuid4(), uuid4())
    accounts = {
        account_id(tenant, kind, owner, currency)
        for tenant in tenants
        for kind in AccountKind
        for owner in owners
        for currency in ("USD", "EUR")
    }
    assert len(accounts) == len(tenants) * len(AccountKind) * len(owners) * 2
