"""Stock over HTTP."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.access import ANONYMOUS, Principal
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.modules.identity.public import Role
from luxewin.modules.inventory.routes import router
from tests.modules.inventory.stockroom import Stockroom
from tests.web import Web


@pytest.fixture
def web(database: Database) -> Web:
    return Web(database, (router,))


@pytest.fixture
def staff(web: Web, stockroom: Stockroom, admin: Principal) -> httpx2.AsyncClient:
    return web.client(stockroom.tenant, admin)


async def test_staff_read_the_stock_by_location(stockroom: Stockroom, staff: httpx2.AsyncClient) -> None:
    variant = await stockroom.variant(5)
    await stockroom.hold((variant, 2))
    answer = await staff.get(f"/inventory/{variant}")
    seen = answer.json()
    (level,) = seen.pop("locations")
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"1-5.2"'
    assert seen == {
        "variant_id": str(variant),
        "tracked": True,
        "in_stock": True,
        "on_hand": 5,
        "reserved": 2,
        "available": 3,
        "version": 1,
    }
    assert (level["code"], level["available"]) == ("main", 3)


async def test_an_adjustment_answers_with_the_stock_after_it(stockroom: Stockroom, staff: httpx2.AsyncClient) -> None:
    variant = await stockroom.variant(5)
    body = {"variant_id": str(variant), "delta": -2, "reason": "broken"}
    answer = await staff.post("/inventory/adjustments", json=body)
    assert (answer.status_code, answer.json()["on_hand"]) == (201, 3)


async def test_an_adjustment_repeated_with_its_key_is_made_once(
    stockroom: Stockroom, staff: httpx2.AsyncClient
) -> None:
    variant = await stockroom.variant(5)
    body = {"variant_id": str(variant), "delta": -2, "reason": "broken"}
    answers = [
        await staff.post("/inventory/adjustments", json=body, headers={"idempotency-key": "once"}) for _ in range(3)
    ]
    assert [answer.json()["on_hand"] for answer in answers] == [3, 3, 3]
    assert await stockroom.numbers(variant) == (3, 0)


@pytest.mark.parametrize("change", ["sold", "reserved", "none"])
async def test_an_adjustment_is_refused_if_the_stock_has_changed_since_it_was_read(
    stockroom: Stockroom, staff: httpx2.AsyncClient, change: str
) -> None:
    variant = await stockroom.variant(5)
    tag = (await staff.get(f"/inventory/{variant}")).headers["etag"]
    if change != "none":
        order_id = await stockroom.hold((variant, 1))
        if change == "sold":
            await stockroom.consume(order_id)
    before = await stockroom.numbers(variant)
    body = {"variant_id": str(variant), "on_hand": 9, "reason": "counted"}
    answer = await staff.post("/inventory/adjustments", json=body, headers={"if-match": tag})
    assert answer.status_code == (201 if change == "none" else 412)
    assert await stockroom.numbers(variant) == ((9, 0) if change == "none" else before)


async def test_a_transfer_is_refused_if_the_stock_has_changed_since_it_was_read(
    stockroom: Stockroom, staff: httpx2.AsyncClient
) -> None:
    variant, annex = await stockroom.variant(5), await stockroom.location("annex")
    tag = (await staff.get(f"/inventory/{variant}")).headers["etag"]
    main = await stockroom.default_location()
    body = {"variant_id": str(variant), "from_location_id": str(main), "to_location_id": str(annex), "quantity": 1}
    await stockroom.hold((variant, 1))
    assert (await staff.post("/inventory/transfers", json=body, headers={"if-match": tag})).status_code == 412
    tag = (await staff.get(f"/inventory/{variant}")).headers["etag"]
    assert (await staff.post("/inventory/transfers", json=body, headers={"if-match": tag})).status_code == 201


async def test_a_dry_run_of_an_adjustment_shows_its_effect_and_has_none(
    stockroom: Stockroom, staff: httpx2.AsyncClient
) -> None:
    variant = await stockroom.variant(5)
    body = {"variant_id": str(variant), "on_hand": 9, "reason": "counted"}
    answer = await staff.post("/inventory/adjustments", json=body, headers={"prefer": "dry-run"})
    assert answer.json()["on_hand"] == 9
    assert await stockroom.numbers(variant) == (5, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"delta": 0},
        {"delta": 1, "on_hand": 1},
        {},
        {"on_hand": -1},
        {"delta": 1.5},
        {"delta": "1"},
        {"delta": 2**63},
        {"delta": 1, "reason": ""},
        {"delta": 1, "reason": "line\nbreak"},
        {"delta": 1, "reserved": 4},
        {"delta": 1, "variant_id": "no-id"},
    ],
)
async def test_an_adjustment_that_cannot_be_meant_is_refused(
    stockroom: Stockroom, staff: httpx2.AsyncClient, wrong: dict[str, Any]
) -> None:
    variant = await stockroom.variant(5)
    answer = await staff.post("/inventory/adjustments", json={"variant_id": str(variant), "reason": "counted", **wrong})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    assert await stockroom.numbers(variant) == (5, 0)


async def test_stock_is_transferred_between_locations(stockroom: Stockroom, staff: httpx2.AsyncClient) -> None:
    variant = await stockroom.variant(5)
    added = await staff.post("/inventory/locations", json={"code": "annex", "name": "The annex"})
    body = {
        "variant_id": str(variant),
        "from_location_id": str(await stockroom.default_location()),
        "to_location_id": added.json()["id"],
        "quantity": 2,
    }
    answer = await staff.post("/inventory/transfers", json=body)
    assert {level["code"]: level["on_hand"] for level in answer.json()["locations"]} == {"annex": 2, "main": 3}


async def test_locations_are_listed_page_by_page(stockroom: Stockroom, staff: httpx2.AsyncClient) -> None:
    for code in ("annex", "berlin", "zurich"):
        await stockroom.location(code)
    assert await _walk(staff, "/inventory/locations?limit=2", "code") == ["annex", "berlin", "main", "zurich"]


async def test_movements_are_listed_page_by_page_the_latest_first(
    stockroom: Stockroom, staff: httpx2.AsyncClient
) -> None:
    variant, other = await stockroom.variant(5), await stockroom.variant(1)
    for delta in (1, 2, 3, 4):
        await stockroom.adjust(variant, delta=delta)
    await stockroom.adjust(other, delta=9)
    assert await _walk(staff, f"/inventory/movements?variant_id={variant}&limit=2", "delta") == [4, 3, 2, 1, 5]


async def test_a_cursor_of_another_variant_is_refused(stockroom: Stockroom, staff: httpx2.AsyncClient) -> None:
    variant, other = await stockroom.variant(5), await stockroom.variant(1)
    await stockroom.adjust(variant, delta=1)
    page = await staff.get(f"/inventory/movements?variant_id={variant}&limit=1")
    answer = await staff.get(f"/inventory/movements?variant_id={other}&cursor={page.json()['next_cursor']}")
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid_cursor")


async def test_stock_of_another_tenant_looks_like_none(other_room: Stockroom, staff: httpx2.AsyncClient) -> None:
    theirs = await other_room.variant(5)
    for answers in zip(*[await _ask_everything(staff, variant) for variant in (theirs, new_id())], strict=True):
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.CUSTOMER, Role.VENDOR])
async def test_only_staff_see_and_change_stock(web: Web, stockroom: Stockroom, role: Role) -> None:
    variant = await stockroom.variant(5)
    caller = ANONYMOUS if role is Role.ANONYMOUS else Principal(role, user_id=new_id(), tenant_id=stockroom.tenant.id)
    answers = await _ask_everything(web.client(stockroom.tenant, caller), variant)
    assert {answer.status_code for answer in answers} == {401 if role is Role.ANONYMOUS else 403}


async def _ask_everything(client: httpx2.AsyncClient, variant: UUID) -> list[httpx2.Response]:
    return [
        await client.get(f"/inventory/{variant}"),
        await client.post("/inventory/adjustments", json={"variant_id": str(variant), "delta": 1, "reason": "counted"}),
    ]


async def _walk(client: httpx2.AsyncClient, url: str, member: str) -> list[Any]:
    """Follow a list to its end and return one member of each of its entries."""
    seen: list[Any] = []
    cursor = ""
    while True:
        page = (await client.get(f"{url}&cursor={cursor}" if cursor else url)).json()
        seen += [entry[member] for entry in page["data"]]
        if page["next_cursor"] is None:
            return seen
        cursor = page["next_cursor"]
