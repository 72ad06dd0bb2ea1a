"""Every flow of money and goods, with the crash points that it passes and the state that it must end in."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2

from luxewin.kit.crash_points import CrashPoint, Position
from tests.reliability.harness import Harness, order_body
from tests.workflows.import_catalog.files import file_of, plain

Request = Callable[[], Awaitable[httpx2.Response]]
STOCK = 5
COMMIT = (Position.BEFORE_COMMIT, Position.AFTER_COMMIT)
GATEWAY = (Position.BEFORE_EXTERNAL_CALL, Position.AFTER_EXTERNAL_CALL)
PUBLISH = (Position.BEFORE_PUBLISH, Position.AFTER_PUBLISH)
RESPONSE = (Position.BEFORE_RESPONSE, Position.AFTER_RESPONSE)


@dataclass(slots=True)
class Setup:
    """The setup of one run: a shop with one product, a buyer, and the order once it is placed."""

    harness: Harness
    tag: str
    product: dict[str, Any]
    buyer: httpx2.AsyncClient
    order: dict[str, Any] | None = None

    async def place(self, token: str | None = None) -> dict[str, Any]:
        """Place the order, and pay it with the token if one is given."""
        answer = await self.buyer.post("/orders", json=order_body(self.tag, token))
        assert answer.status_code in {201, 202}, answer.text
        self.order = answer.json()
        self.buyer.headers["x-order-token"] = self.order["order_token"]
        return self.order

    def request(self, client: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> Request:
        """Return a function that sends the request, each time with the same idempotency key."""
        headers = {"idempotency-key": self.tag}
        return lambda: client.post(path.removeprefix("/api/v1"), json=body, headers=headers)

    async def current_state(self) -> tuple[int, str, int, int]:
        """Return the number of orders, the status of one, the amount held beyond its total, and the stock."""
        orders = await self.harness.rows(
            "SELECT status, total_minor, coalesce((SELECT sum(c.amount_minor) FROM payments_attempts a"
            " JOIN simulator.charges c ON c.attempt_id = a.id WHERE a.order_id = o.id AND c.status = 'captured'), 0)"
            " - coalesce((SELECT sum(r.amount_minor) FROM payments_refunds p JOIN simulator.refunds r"
            " ON r.refund_id = p.id WHERE p.order_id = o.id), 0) AS held FROM orders_orders o WHERE email = $1",
            f"{self.tag}@example.com",
        )
        seen = (await self.harness.staff.get(f"/products/{self.product['id']}")).json()
        if not orders:
            return 0, "none", 0, seen["stock"]
        held = int(orders[0]["held"])
        return len(orders), orders[0]["status"], held - orders[0]["total_minor"] if held else 0, seen["stock"]

    async def imported(self) -> tuple[int, int]:
        """Return the number of imports of the file, and of products imported from it."""
        ((imports, products),) = await self.harness.rows(
            "SELECT (SELECT count(*) FROM catalog_imports WHERE file_name = $1 || '.csv'),"
            " (SELECT count(*) FROM catalog_variants WHERE sku LIKE $1 || '-%')",
            self.tag,
        )
        return imports, products


async def check_out_and_pay(setup: Setup) -> Request:
    return setup.request(setup.buyer, "/orders", order_body(setup.tag, "tok_visa"))


async def check_out_with_unknown_outcome(setup: Setup) -> Request:
    return setup.request(setup.buyer, "/orders", order_body(setup.tag, "tok_unknown"))


async def check_out_and_dispute(setup: Setup) -> Request:
    return setup.request(setup.buyer, "/orders", order_body(setup.tag, "tok_dispute"))


async def check_out_only(setup: Setup) -> Request:
    return setup.request(setup.buyer, "/orders", order_body(setup.tag))


async def pay(setup: Setup) -> Request:
    order = await setup.place()
    return setup.request(setup.buyer, f"/orders/{order['id']}/payments", {"gateway": "simulator", "token": "tok_visa"})


async def confirm(setup: Setup) -> Request:
    order = await setup.place("tok_3ds")
    return setup.request(setup.buyer, order["payments"][0]["next_action"]["url"], {"approve": True})


async def refund(setup: Setup) -> Request:
    order = await setup.place("tok_visa")
    body = {"amount": {"amount": 4_000, "currency": "USD"}, "reason": setup.tag}
    return setup.request(setup.harness.staff, f"/orders/{order['id']}/refunds", body)


async def cancel_paid(setup: Setup) -> Request:
    order = await setup.place("tok_visa")
    return setup.request(setup.buyer, f"/orders/{order['id']}/cancel", {})


async def cancel_unpaid(setup: Setup) -> Request:
    order = await setup.place()
    return setup.request(setup.buyer, f"/orders/{order['id']}/cancel", {})


async def cancel_during_confirmation(setup: Setup) -> Request:
    order = await setup.place("tok_3ds")
    return setup.request(setup.buyer, f"/orders/{order['id']}/cancel", {})


async def import_file(setup: Setup) -> Request:
    return file_request(setup.harness.staff, setup.tag, rows=3)


def file_request(staff: httpx2.AsyncClient, tag: str, *, rows: int) -> Request:
    """Return a function that uploads a product file; the body is built once, so that repetitions have equal bytes."""
    boundary = uuid4().hex
    file = file_of(plain(f"{tag}-{row}", **{"Variant SKU": f"{tag}-{row}"}) for row in range(rows))
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{tag}.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    body = head.encode() + file + f"\r\n--{boundary}--\r\n".encode()
    headers = {"idempotency-key": tag, "content-type": f"multipart/form-data; boundary={boundary}"}
    return lambda: staff.post("/imports", content=body, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A request and the crash points that its execution passes, or those of a background execution it causes."""

    prepare: Callable[[Setup], Awaitable[Request]]
    execution: str
    steps: tuple[tuple[Position, Position], ...]
    status: int
    final_state: tuple[int, str, int, int]
    imported: tuple[int, int] = (0, 0)

    @property
    def is_background(self) -> bool:
        """True if the points are passed by another execution than the request itself."""
        return self.execution != "POST /api/v1/imports" and "/orders" not in self.execution

    def points(self) -> list[CrashPoint]:
        """Return the points that the scenario passes, in order."""
        passages: Counter[Position] = Counter()
        points = []
        for place in (place for step in self.steps for place in step):
            passages[place] += 1
            points.append(CrashPoint(self.execution, place, passages[place]))
        return points


PAID, WAITING, CANCELLED = (1, "paid", 0, STOCK - 1), (1, "pending_payment", 0, STOCK - 1), (1, "cancelled", 0, STOCK)
NOTHING = (0, "none", 0, STOCK)
REFUNDED = (COMMIT, COMMIT, GATEWAY, COMMIT, COMMIT, RESPONSE)
SCENARIOS = {
    "check out and pay": Scenario(
        prepare=check_out_and_pay,
        execution="POST /api/v1/orders",
        steps=(COMMIT, GATEWAY, COMMIT, RESPONSE),
        status=201,
        final_state=PAID,
    ),
    "check out only": Scenario(
        prepare=check_out_only,
        execution="POST /api/v1/orders",
        steps=(COMMIT, RESPONSE),
        status=201,
        final_state=WAITING,
    ),
    "pay": Scenario(
        prepare=pay,
        execution="POST /api/v1/orders/{order_id}/payments",
        steps=(COMMIT, GATEWAY, COMMIT, RESPONSE),
        status=201,
        final_state=PAID,
    ),
    "confirm": Scenario(
        prepare=confirm,
        execution="POST /api/v1/orders/{order_id}/payments/{payment_id}/confirm",
        steps=(COMMIT, GATEWAY, COMMIT, RESPONSE),
        status=201,
        final_state=PAID,
    ),
    "refund": Scenario(
        prepare=refund,
        execution="POST /api/v1/orders/{order_id}/refunds",
        steps=REFUNDED,
        status=201,
        final_state=(1, "paid", -4_000, STOCK - 1),
    ),
    "cancel a paid order": Scenario(
        prepare=cancel_paid,
        execution="POST /api/v1/orders/{order_id}/cancel",
        steps=REFUNDED,
        status=200,
        final_state=CANCELLED,
    ),
    "cancel an unpaid order": Scenario(
        prepare=cancel_unpaid,
        execution="POST /api/v1/orders/{order_id}/cancel",
        steps=(COMMIT, COMMIT, RESPONSE),
        status=200,
        final_state=CANCELLED,
    ),
    "cancel during a confirmation": Scenario(
        prepare=cancel_during_confirmation,
        execution="POST /api/v1/orders/{order_id}/cancel",
        steps=(GATEWAY, COMMIT, COMMIT, COMMIT, RESPONSE),
        status=200,
        final_state=CANCELLED,
    ),
    "import": Scenario(
        prepare=import_file,
        execution="POST /api/v1/imports",
        steps=(COMMIT, RESPONSE),
        status=202,
        final_state=NOTHING,
        imported=(1, 3),
    ),
    "import, in the background": Scenario(
        prepare=import_file, execution="import", steps=(COMMIT,) * 4, status=202, final_state=NOTHING, imported=(1, 3)
    ),
    "resolve an unknown payment": Scenario(
        prepare=check_out_with_unknown_outcome,
        execution="resolve payments",
        steps=(COMMIT, GATEWAY, COMMIT),
        status=202,
        final_state=PAID,
    ),
    "receive a webhook": Scenario(
        prepare=check_out_and_dispute,
        execution="POST /api/v1/payments/webhooks/{gateway}/{endpoint_id}",
        steps=(COMMIT, COMMIT, RESPONSE),
        status=201,
        final_state=PAID,
    ),
    "publish": Scenario(prepare=check_out_and_pay, execution="publish", steps=(PUBLISH,), status=201, final_state=PAID),
    "listen": Scenario(prepare=check_out_and_pay, execution="listen", steps=(COMMIT,), status=201, final_state=PAID),
}
