"""A receiver of the simulator's webhooks, and a clock that makes them due."""

from datetime import timedelta
from uuid import UUID

import httpx2
import orjson

from tests.conftest import TestDatabase

_DISPUTES = "attempt_id IN (SELECT attempt_id FROM simulator.charges WHERE merchant = $1)"
_CHANGES = (
    "UPDATE simulator.charges SET captures_at = captures_at - $2::interval WHERE merchant = $1",
    f"UPDATE simulator.disputes SET opens_at = opens_at - $2::interval WHERE {_DISPUTES}",
    "UPDATE simulator.webhooks SET due_at = due_at - $2::interval WHERE merchant = $1",
)


class WebhookReceiver:
    """Stores the requests it receives, and responds with the planned status codes, else with 204."""

    def __init__(self) -> None:
        self.received: list[httpx2.Request] = []
        self.responses: list[int] = []
        self.client = httpx2.AsyncClient(transport=httpx2.MockTransport(self._respond))

    def _respond(self, request: httpx2.Request) -> httpx2.Response:
        self.received.append(request)
        return httpx2.Response(self.responses.pop(0) if self.responses else 204)

    def received_about(self, attempt_id: UUID) -> list[httpx2.Request]:
        """Return the webhooks about a charge."""
        return [
            request
            for request in self.received
            if orjson.loads(request.content)["charge"]["attempt_id"] == str(attempt_id)
        ]


async def pass_time(test_database: TestDatabase, merchant: str, seconds: float) -> None:
    """Move the simulator's times of a merchant into the past by so many seconds."""
    for change in _CHANGES:
        await test_database.as_owner(change, merchant, timedelta(seconds=seconds))
