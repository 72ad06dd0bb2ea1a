"""Every flow of money and goods, with the crash points that it passes and how the shop must stand at its end."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2

from luxewin.kit.crash_points import CrashPoint, Place
from tests.reliability.lab import Lab, order_body
from tests.workflows.import_catalog.files import file_of, plain

Request = Callable[[], Awaitable[httpx2.Response]]
STOCK = 5
COMMIT = (Place.BEFORE_COMMIT, Place.AFTER_COMMIT)
GATEWAY = (Place.BEFORE_GATEWAY, Place.AFTER_GATEWAY)
PUBLISH = (Place.BEFORE_PUBLISH, Place.AFTER_PUBLISH)
ANSWER = (Place.BEFORE_ANSWER, Place.AFTER_ANSWER)


@dataclass(slots=True)
class Scene:
    """One telling: its shop with one product, its buyer, and the order once there is one."""

    lab: Lab
    tag: str
    product: dict[str, Any]
    buyer: httpx2.AsyncClient
    order: dict[str, Any] | None = None

    async def place(self, token: str | None = None) -> dict[str, Any]:
        """Place the order, and pay it with the token where one is given."""
        answer = await self.buyer.post("/orders", json=order_body(self.tag, token))
        assert answer.status_code in {201, 202}, answer.text
        self.order = answer.json()
        self.buyer.headers["x-order-token"] = self.order["order_token"]
        return self.order

    def asking(self, client: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> Request:
        """Return the request that is repeated under one key."""
        headers = {"idempotency-key": self.tag}
        return lambda: client.post(path.removeprefix("/api/v1"), json=body, headers=headers)

    async def standing(self) -> tuple[int, str, int, int]:
        """Return how many orders the buyer has, the state of one, how often it was paid for, what is on the shelf."""
        orders = await self.lab.rows(
            "SELECT status, total_minor, coalesce((SELECT sum(c.amount_minor) FROM payments_attempts a"
            " JOIN simulator.charges c ON c.attempt_id = a.id WHERE a.order_id = o.id AND c.status = 'captured'), 0)"
            " - coalesce((SELECT sum(r.amount_minor) FROM payments_refunds p JOIN simulator.refunds r"
            " ON r.refund_id = p.id WHERE p.order_id = o.id), 0) AS held FROM orders_orders o WHERE email = $1",
            f"{self.tag}@example.com",
        )
        seen = (await self.lab.staff.get(f"/products/{self.product['id']}")).json()
        if not orders:
            return 0, "none", 0, seen["stock"]
        held = int(orders[0]["held"])
        return len(orders), orders[0]["status"], held - orders[0]["total_minor"] if held else 0, seen["stock"]

    async def brought_in(self) -> tuple[int, int]:
        """Return how many imports there are of the scene's file, and how many of its products."""
        ((imports, products),) = await self.lab.rows(
            "SELECT (SELECT count(*) FROM catalog_imports WHERE file_name = $1 || '.csv'),"
            " (SELECT count(*) FROM catalog_variants WHERE sku LIKE $1 || '-%')",
            self.tag,
        )
        return imports, products


async def check_out_and_pay(scene: Scene) -> Request:
    return scene.asking(scene.buyer, "/orders", order_body(scene.tag, "tok_visa"))


async def check_out_and_never_know(scene: Scene) -> Request:
    return scene.asking(scene.buyer, "/orders", order_body(scene.tag, "tok_unknown"))


async def check_out_and_dispute(scene: Scene) -> Request:
    return scene.asking(scene.buyer, "/orders", order_body(scene.tag, "tok_dispute"))


async def check_out_only(scene: Scene) -> Request:
    return scene.asking(scene.buyer, "/orders", order_body(scene.tag))


async def pay(scene: Scene) -> Request:
    order = await scene.place()
    return scene.asking(scene.buyer, f"/orders/{order['id']}/payments", {"gateway": "simulator", "token": "tok_visa"})


async def confirm(scene: Scene) -> Request:
    order = await scene.place("tok_3ds")
    return scene.asking(scene.buyer, order["payments"][0]["next_action"]["url"], {"approve": True})


async def refund(scene: Scene) -> Request:
    order = await scene.place("tok_visa")
    body = {"amount": {"amount": 4_000, "currency": "USD"}, "reason": scene.tag}
    return scene.asking(scene.lab.staff, f"/orders/{order['id']}/refunds", body)


async def cancel_paid(scene: Scene) -> Request:
    order = await scene.place("tok_visa")
    return scene.asking(scene.buyer, f"/orders/{order['id']}/cancel", {})


async def cancel_unpaid(scene: Scene) -> Request:
    order = await scene.place()
    return scene.asking(scene.buyer, f"/orders/{order['id']}/cancel", {})


async def cancel_while_the_buyer_is_asked(scene: Scene) -> Request:
    order = await scene.place("tok_3ds")
    return scene.asking(scene.buyer, f"/orders/{order['id']}/cancel", {})


async def bring_in(scene: Scene) -> Request:
    return file_request(scene.lab.staff, scene.tag, rows=3)


def file_request(staff: httpx2.AsyncClient, tag: str, *, rows: int) -> Request:
    """Return the request that sends a product file; it is built once, because an equal request has equal bytes."""
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
class Story:
    """A request, whose process dies at each of its points; or what other processes do on account of it."""

    begin: Callable[[Scene], Awaitable[Request]]
    told_by: str
    steps: tuple[tuple[Place, Place], ...]
    status: int
    end: tuple[int, str, int, int]
    brought_in: tuple[int, int] = (0, 0)

    @property
    def is_told_by_others(self) -> bool:
        """Whether it is another request, or no request at all, that passes the points."""
        return self.told_by != "POST /api/v1/imports" and "/orders" not in self.told_by

    def points(self) -> list[CrashPoint]:
        """Return the points that the story passes, in order."""
        passages: Counter[Place] = Counter()
        points = []
        for place in (place for step in self.steps for place in step):
            passages[place] += 1
            points.append(CrashPoint(self.told_by, place, passages[place]))
        return points


PAID, WAITING, CANCELLED = (1, "paid", 0, STOCK - 1), (1, "pending_payment", 0, STOCK - 1), (1, "cancelled", 0, STOCK)
NOTHING = (0, "none", 0, STOCK)
REFUNDED = (COMMIT, COMMIT, GATEWAY, COMMIT, COMMIT, ANSWER)
STORIES = {
    "check out and pay": Story(
        begin=check_out_and_pay,
        told_by="POST /api/v1/orders",
        steps=(COMMIT, GATEWAY, COMMIT, ANSWER),
        status=201,
        end=PAID,
    ),
    "check out only": Story(
        begin=check_out_only, told_by="POST /api/v1/orders", steps=(COMMIT, ANSWER), status=201, end=WAITING
    ),
    "pay": Story(
        begin=pay,
        told_by="POST /api/v1/orders/{order_id}/payments",
        steps=(COMMIT, GATEWAY, COMMIT, ANSWER),
        status=201,
        end=PAID,
    ),
    "confirm": Story(
        begin=confirm,
        told_by="POST /api/v1/orders/{order_id}/payments/{payment_id}/confirm",
        steps=(COMMIT, GATEWAY, COMMIT, ANSWER),
        status=201,
        end=PAID,
    ),
    "refund": Story(
        begin=refund,
        told_by="POST /api/v1/orders/{order_id}/refunds",
        steps=REFUNDED,
        status=201,
        end=(1, "paid", -4_000, STOCK - 1),
    ),
    "cancel a paid order": Story(
        begin=cancel_paid,
        told_by="POST /api/v1/orders/{order_id}/cancel",
        steps=REFUNDED,
        status=200,
        end=CANCELLED,
    ),
    "cancel an unpaid order": Story(
        begin=cancel_unpaid,
        told_by="POST /api/v1/orders/{order_id}/cancel",
        steps=(COMMIT, COMMIT, ANSWER),
        status=200,
        end=CANCELLED,
    ),
    "cancel while the buyer is asked": Story(
        begin=cancel_while_the_buyer_is_asked,
        told_by="POST /api/v1/orders/{order_id}/cancel",
        steps=(GATEWAY, COMMIT, COMMIT, COMMIT, ANSWER),
        status=200,
        end=CANCELLED,
    ),
    "bring in": Story(
        begin=bring_in,
        told_by="POST /api/v1/imports",
        steps=(COMMIT, ANSWER),
        status=202,
        end=NOTHING,
        brought_in=(1, 3),
    ),
    "bring in, in the background": Story(
        begin=bring_in, told_by="import", steps=(COMMIT,) * 4, status=202, end=NOTHING, brought_in=(1, 3)
    ),
    "find out how a payment stands": Story(
        begin=check_out_and_never_know,
        told_by="resolve payments",
        steps=(COMMIT, GATEWAY, COMMIT),
        status=202,
        end=PAID,
    ),
    "hear the gateway": Story(
        begin=check_out_and_dispute,
        told_by="POST /api/v1/payments/webhooks/{gateway}/{endpoint_id}",
        steps=(COMMIT, COMMIT, ANSWER),
        status=201,
        end=PAID,
    ),
    "publish": Story(begin=check_out_and_pay, told_by="publish", steps=(PUBLISH,), status=201, end=PAID),
    "listen": Story(begin=check_out_and_pay, told_by="listen", steps=(COMMIT,), status=201, end=PAID),
}
