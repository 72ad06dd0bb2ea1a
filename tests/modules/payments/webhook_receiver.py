"""The other end of the simulator's webhooks, and the time that passes until they are due."""

from datetime import timedelta
from uuid import UUID

import httpx
import orjson

from tests.conftest import TestDatabase

_DISPUTES = "attempt_id IN (SELECT attempt_id FROM simulator.charges WHERE merchant = $1)"
_CHANGES = (
    "UPDATE simulator.charges SET captures_at = captures_at - $2::interval WHERE merchant = $1",
    f"UPDATE simulator.disputes SET opens_at = opens_at - $2::interval WHERE {_DISPUTES}",
    "UPDATE simulator.webhooks SET due_at = due_at - $2::interval WHERE merchant = $1",
)


class Shop:
    """Keeps what came, and answers as it is told."""

    def __init__(self) -> None:
        self.came: list[httpx.Request] = []
        self.answers: list[int] = []
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.came.append(request)
        return httpx.Response(self.answers.pop(0) if self.answers else 204)

    def told(self, attempt_id: UUID) -> list[httpx.Request]:
        """Return what came about a charge."""
        return [one for one in self.came if orjson.loads(one.content)["charge"]["attempt_id"] == str(attempt_id)]


async def pass_time(test_database: TestDatabase, merchant: str, seconds: float) -> None:
    """Let time pass in a merchant's part of the simulator's books."""
    for change in _CHANGES:
        await test_database.as_owner(change, merchant, timedelta(seconds=seconds))
