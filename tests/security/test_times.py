"""Every time in every response is in UTC and ends with `Z`, whatever time zone it was sent in."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from luxewin.kit.http.fields import Body
from luxewin.kit.times import in_utc, utc_text
from luxewin.main import ROUTERS
from tests.security.operations import Operation, leaves, operations, resolve
from tests.security.shops import Shops

TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")


def _shows_times(operation: Operation) -> bool:
    contents = [resolve(answer).get("content", {}) for answer in operation.declared["responses"].values()]
    schemas = [content["application/json"]["schema"] for content in contents if "application/json" in content]
    return any(leaf.get("format") == "date-time" for schema in schemas for _, leaf in leaves(schema))


def times_in(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text that is a time, with its pointer."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from times_in(member, f"{pointer}/{name}")
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from times_in(member, f"{pointer}/{number}")
    elif isinstance(value, str) and TIME.fullmatch(value):
        yield pointer, value


READS = [one for one in operations() if one.is_read and _shows_times(one)]


@pytest.mark.parametrize("operation", READS, ids=str)
async def test_every_time_of_a_read_ends_with_z(shops: Shops, operation: Operation) -> None:
    shop = shops.ours
    for person in ("super_admin", "customer"):
        answer = await shop.people[person].get(f"{shops.origin}{operation.at(shop.values_for(operation.path))}")
        if answer.is_success:
            assert [(at, time) for at, time in times_in(answer.json()) if not time.endswith("Z")] == []


async def test_every_time_of_a_write_ends_with_z(shops: Shops) -> None:
    times = [(path, *found) for _, path, received in shops.ours.received for found in times_in(received)]
    assert len({path for path, *_ in times}) > 20
    assert [found for found in times if not found[-1].endswith("Z")] == []


def _bodies(base: type[Body] = Body) -> Iterator[type[Body]]:
    yield base
    for derived in base.__subclasses__():
        yield from _bodies(derived)


def test_every_time_that_a_client_sends_is_converted_to_utc() -> None:
    """Other times come from the database, which returns them in UTC."""
    assert ROUTERS, "their bodies are imported"
    sent = [
        (f"{body.__name__}.{name}", repr(field))
        for body in _bodies()
        for name, field in body.model_fields.items()
        if "datetime" in repr(field.annotation).lower()
    ]
    assert {name for name, _ in sent} >= {"RaffleBody.closes_at"}
    assert [name for name, field in sent if "in_utc" not in field] == []


async def test_every_time_of_an_event_and_of_an_audit_entry_ends_with_z(shops: Shops) -> None:
    for path in ("/events?limit=100", "/audit-log?limit=100"):
        answer = (await shops.ours.people["admin"].get(path)).json()
        assert answer["data"]
        assert [(at, time) for at, time in times_in(answer) if not time.endswith("Z")] == []


async def test_a_raffle_shows_its_closing_time_in_utc(shops: Shops) -> None:
    (sent,) = [body for _, path, body in shops.ours.sent if path.endswith("/raffles") and "2099" in str(body)]
    assert sent["closes_at"] == "2099-01-01T02:00:00+02:00"
    received = [body for _, path, body in shops.ours.received if path.endswith("/raffles")]
    assert "2099-01-01T00:00:00Z" in [body["closes_at"] for body in received if "closes_at" in body]


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 5, 31, 20, tzinfo=timezone(timedelta(hours=2))), "2026-05-31T18:00:00Z"),
        (datetime(2026, 5, 31, 18, 0, 0, 5, tzinfo=UTC), "2026-05-31T18:00:00.000005Z"),
    ],
)
def test_a_time_is_written_in_utc(time: datetime, text: str) -> None:
    assert utc_text(time) == text


def test_a_time_without_a_date_in_utc_is_refused() -> None:
    with pytest.raises(ValueError, match="between the years 1 and 9999"):
        in_utc(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))))
