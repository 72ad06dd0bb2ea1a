"""From a broken promise to a pager: the real program, the real Prometheus, the real Alertmanager, the shipped rules."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.observability.conftest import Watched
from tests.observability.owner import owner_of
from tests.observability.prometheus import watching
from tests.observability.receivers import Received, Receiver

BROKEN = "Reserved is the sum of active reservations"
LISTENER = "storefront.search"


@dataclass(frozen=True, slots=True)
class OnCall:
    """Whoever is woken."""

    pager: Receiver

    async def hears(self, status: str, **labels: str) -> dict[str, Any]:
        """Wait for an alert with these labels, firing or resolved."""

        def found(received: list[Received]) -> dict[str, Any] | None:
            alerts = [alert for one in received for alert in json.loads(one.body)["alerts"]]
            meant = (one for one in alerts if one["status"] == status and labels.items() <= one["labels"].items())
            return next(meant, None)

        return await self.pager.until(found)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Prometheus, and whoever is woken."""

    prometheus: str
    on_call: OnCall


@pytest.fixture(scope="module")
def alarm(watched: Watched, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alarm]:
    folder: Path = tmp_path_factory.mktemp("prometheus")
    program = watched.program.url.removeprefix("http://")
    with Receiver() as pager, watching(program=program, pager=pager.address, folder=folder) as prometheus:
        yield Alarm(prometheus, OnCall(pager))


async def test_a_violated_invariant_fires_until_it_holds_again(watched: Watched, alarm: Alarm) -> None:
    async with owner_of(watched.program) as owner:
        shelf = await owner.fetchrow(
            "UPDATE inventory_stock SET reserved = reserved + 1 WHERE (tenant_id, variant_id, location_id) ="
            " (SELECT tenant_id, variant_id, location_id FROM inventory_stock WHERE on_hand > reserved + 1 LIMIT 1)"
            " RETURNING tenant_id, variant_id, location_id"
        )
        try:
            alert = await alarm.on_call.hears("firing", alertname="LuxeWinInvariantBroken", invariant=BROKEN)
        finally:
            await owner.execute(
                "UPDATE inventory_stock SET reserved = reserved - 1"
                " WHERE tenant_id = $1 AND variant_id = $2 AND location_id = $3",
                *shelf.values(),
            )
    assert alert["annotations"]["summary"] == f"An invariant is violated: {BROKEN}"
    assert alert["labels"]["severity"] == "page"
    await alarm.on_call.hears("resolved", alertname="LuxeWinInvariantBroken", invariant=BROKEN)


async def test_a_dead_lettered_event_fires(watched: Watched, alarm: Alarm) -> None:
    async with owner_of(watched.program) as owner:
        await owner.execute(
            "INSERT INTO kit_parked_events (tenant_id, listener, sequence, aggregate_id, tries, error, parked_at)"
            " SELECT tenant_id, $1, sequence, aggregate_id, 5, 'it could not be handled', now() FROM kit_event_log"
            " LIMIT 1",
            LISTENER,
        )
        try:
            await alarm.on_call.hears("firing", alertname="LuxeWinDeadLetters", listener=LISTENER)
        finally:
            await owner.execute("DELETE FROM kit_parked_events WHERE error = 'it could not be handled'")


async def test_prometheus_can_evaluate_every_rule_on_what_the_program_exposes(alarm: Alarm) -> None:
    async with httpx2.AsyncClient(base_url=alarm.prometheus, timeout=30) as client:
        groups = (await client.get("/api/v1/rules")).json()["data"]["groups"]
        targets = (await client.get("/api/v1/targets")).json()["data"]["activeTargets"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == 34
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
    assert [target["health"] for target in targets] == ["up"]
