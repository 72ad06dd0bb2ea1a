"""The routes by which staff, and only staff, read the ledger."""

import pytest

from luxewin.kit.access import ANONYMOUS, Principal
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.invariants import violations
from luxewin.kit.money import LARGEST_AMOUNT_MINOR, Money
from luxewin.kit.sealing import seal_batch
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.routes import router
from tests.modules.ledger.transfers import post, sale
from tests.web import Web


@pytest.fixture
def web(database: Database) -> Web:
    return Web(database, (router,))


async def test_accounts_are_listed_with_their_balances_page_by_page(
    web: Web, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    await post(database, tenant, sale(), sale(Money(5, "EUR")))
    async with web.client(tenant, admin) as client:
        page = (await client.get("/ledger/accounts?limit=1")).json()
        seen = page["data"]
        while page["next_cursor"]:
            page = (await client.get(f"/ledger/accounts?limit=1&cursor={page['next_cursor']}")).json()
            assert len(page["data"]) == 1
            seen += page["data"]
        own_sales = (await client.get("/ledger/accounts?kind=own_sales")).json()["data"]
    balances = {(account["kind"], account["balance"]["currency"]): account["balance"]["amount"] for account in seen}
    assert balances == {
        ("order_clearing", "USD"): 100,
        ("own_sales", "USD"): -100,
        ("order_clearing", "EUR"): 5,
        ("own_sales", "EUR"): -5,
    }
    assert {account["kind"] for account in own_sales} == {"own_sales"}


async def test_transfers_are_listed_newest_first_with_postings_that_sum_to_zero(
    web: Web, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    cause = new_id()
    for amount in (10, 20, 30):
        await post(database, tenant, sale(Money(amount, "USD")))
    await post(database, tenant, sale(Money(40, "USD"), cause))
    while await seal_batch(database, ledger.TRANSFERS):
        continue
    async with web.client(tenant, admin) as client:
        first = (await client.get("/ledger/transfers?limit=3")).json()
        second = (await client.get(f"/ledger/transfers?limit=3&cursor={first['next_cursor']}")).json()
        caused = (await client.get(f"/ledger/transfers?cause_id={cause}")).json()["data"]
        foreign = await client.get(f"/ledger/transfers?cause_id={cause}&cursor={first['next_cursor']}")
    transfers = first["data"] + second["data"]
    assert [transfer["postings"][0]["amount"]["amount"] for transfer in transfers] == [40, 30, 20, 10]
    assert all(sum(posting["amount"]["amount"] for posting in t["postings"]) == 0 for t in transfers)
    assert [transfer["seal_number"] for transfer in transfers] == [4, 3, 2, 1]
    assert [transfer["cause_id"] for transfer in caused] == [str(cause)]
    assert (foreign.status_code, foreign.json()["code"]) == (400, "request.invalid_cursor")


async def test_staff_read_the_proof(web: Web, database: Database, tenant: Tenancy, admin: Principal) -> None:
    await post(database, tenant, sale())
    async with web.client(tenant, admin) as client:
        proof = (await client.get("/ledger/proof")).json()
    assert (proof["holds"], proof["broken"]) == (True, [])
    assert proof["trial_balance"] == [{"currency": "USD", "debits": 100, "credits": 100, "difference": 0}]


async def test_balances_beyond_64_bits_are_exact(
    web: Web, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    orders, largest = 1100, Money(LARGEST_AMOUNT_MINOR, "USD")
    await post(database, tenant, *(sale(largest) for _ in range(orders)))
    await post(database, tenant, sale(Money(1, "USD")))
    wanted = orders * LARGEST_AMOUNT_MINOR + 1
    assert wanted > 2**63
    async with web.client(tenant, admin) as client:
        accounts = (await client.get("/ledger/accounts")).json()["data"]
        proof = (await client.get("/ledger/proof")).json()
    assert sorted(account["balance"]["amount"] for account in accounts) == [-wanted, wanted]
    assert (proof["holds"], proof["trial_balance"][0]["debits"]) == (True, wanted)
    assert await violations(database, ledger.INVARIANTS, tenant_id=tenant.id) == []


@pytest.mark.parametrize("path", ["/ledger/accounts", "/ledger/transfers", "/ledger/proof"])
async def test_only_staff_read_the_ledger(web: Web, tenant: Tenancy, customer: Principal, path: str) -> None:
    for principal, status in ((ANONYMOUS, 401), (customer, 403)):
        async with web.client(tenant, principal) as client:
            assert (await client.get(path)).status_code == status


async def test_staff_of_another_tenant_see_nothing_of_the_ledger(
    web: Web, database: Database, tenant: Tenancy, other_tenant: Tenancy, admin: Principal
) -> None:
    await post(database, tenant, sale())
    async with web.client(other_tenant, admin) as client:
        assert (await client.get("/ledger/accounts")).json()["data"] == []
        assert (await client.get("/ledger/transfers")).json()["data"] == []
        assert (await client.get("/ledger/proof")).json()["trial_balance"] == []
