"""Invariants are checked while the program runs, one at a time with limits; unfinished work is no violation."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from luxewin.installed import INVARIANT_CHECKS
from luxewin.kit import invariant_checks
from luxewin.kit.invariant_checks import InvariantChecks
from luxewin.kit.invariants import Invariants
from luxewin.kit.pools import PoolLimits
from tests.conftest import TestDatabase, make_database
from tests.servers import TestServer
from tests.workflows.market import Market
from tests.workflows.mortality import MortalDatabase, MortalSimulator

OFTEN_SECONDS = 1.0
TOTALS = "The totals of every gateway equal its clearing accounts"


@pytest.fixture(scope="module")
async def test_database(server: TestServer) -> AsyncIterator[TestDatabase]:
    """A separate database, so that violations that other tests create have no effect here."""
    made = await make_database(server, f"proving_{uuid4().hex[:8]}")
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def mortal_database(test_database: TestDatabase) -> AsyncIterator[MortalDatabase]:
    """The access to it."""
    opened = await MortalDatabase.open(test_database.role("app"), test_database.role("system"), PoolLimits())
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def mortal_simulator(test_database: TestDatabase) -> AsyncIterator[MortalSimulator]:
    """The gateway whose ledger is in it."""
    opened = await MortalSimulator.open(test_database.role("simulator"))
    yield opened
    await opened.close()


def metric_value(name: str, invariant: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"invariant": invariant})


def recomputes(table: str) -> str:
    return f"The hash chain of {table} recomputes"


async def test_a_violation_is_reported_and_invariants_that_fail_or_time_out_do_not_prevent_the_other_checks(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    invariants: Invariants = {
        "endless": "SELECT 1 AS found FROM pg_sleep(60)",
        "nonsense": "SELECT 1 AS found FROM there_is_no_such_table",
        "broken": "SELECT 1 AS found",
        "kept": "SELECT 1 AS found WHERE false",
    }
    monkeypatch.setattr(invariant_checks, "_STATEMENT_SECONDS", 3)
    await InvariantChecks(invariants, [], []).check_queries(market.services, every_seconds=OFTEN_SECONDS)
    assert {invariant: metric_value("luxewin_invariant_broken", invariant) for invariant in invariants} == {
        "endless": None,
        "nonsense": None,
        "broken": 1,
        "kept": 0,
    }
    proved = [one for one in invariants if metric_value("luxewin_invariant_proved_timestamp_seconds", one)]
    assert proved == ["broken", "kept"]
    assert all(metric_value("luxewin_invariant_interval_seconds", one) for one in invariants)


async def test_checking_all_invariants_reports_those_that_cannot_be_checked_and_all_other_violations(
    market: Market,
) -> None:
    invariants: Invariants = {
        "too large": "SELECT (2::numeric ^ 63)::bigint AS found",
        "broken": "SELECT 2::numeric ^ 63 AS found",
        "kept": "SELECT 1 AS found WHERE false",
    }
    found = await InvariantChecks(invariants, [], []).violations(market.services, tenant_id=market.tenant.id)
    rows = {violation.statement: violation.row for violation in found}
    assert list(rows) == ["too large", "broken"]
    assert "bigint out of range" in rows["too large"]["error"]
    assert rows["broken"] == {"found": 2**63}


async def test_a_changed_chain_is_reported(market: Market) -> None:
    await prove_the_rest(market)
    assert {metric_value("luxewin_invariant_broken", recomputes(chain.table)) for chain in INVARIANT_CHECKS.chains} == {
        0
    }
    await market.as_owner(
        "INSERT INTO kit_audit (tenant_id, id, at, actor, action, target, seal_number, seal)"
        " VALUES ($1, gen_random_uuid(), now(), 'nobody', 'forged', 'the books', 1, 'a forged seal')",
        market.tenant.id,
    )
    await prove_the_rest(market)
    assert metric_value("luxewin_invariant_broken", recomputes("kit_audit")) == 1
    await market.as_owner("DELETE FROM kit_audit WHERE tenant_id = $1 AND action = 'forged'", market.tenant.id)


async def test_totals_that_differ_twice_are_reported_and_a_payment_in_progress_is_not(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await market.flow.begin()
    outcome = await market.flow.charge(attempt)

    async def nothing_happens(_seconds: float) -> None:
        return None

    async def the_payment_arrives(_seconds: float) -> None:
        await market.flow.settle(attempt.id, outcome)

    monkeypatch.setattr(invariant_checks, "asyncio", SimpleNamespace(sleep=nothing_happens))
    await prove_the_rest(market)
    assert metric_value("luxewin_invariant_broken", TOTALS) == 1
    monkeypatch.setattr(invariant_checks, "asyncio", SimpleNamespace(sleep=the_payment_arrives))
    await prove_the_rest(market)
    assert metric_value("luxewin_invariant_broken", TOTALS) == 0


async def prove_the_rest(market: Market) -> None:
    await INVARIANT_CHECKS.run_chains_and_checks(market.services, every_seconds=OFTEN_SECONDS)
