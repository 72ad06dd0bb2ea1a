"""A complete small shop for tests of workflows: a tenant with goods, buyers, staff, a gateway and sweeps."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import httpx2
import orjson

from luxewin.installed import INVARIANT_CHECKS, INVARIANTS
from luxewin.kit.access import ANONYMOUS, SYSTEM, Principal
from luxewin.kit.database import Database
from luxewin.kit.http.document_files import DocumentFiles
from luxewin.kit.http.middleware import BASE
from luxewin.kit.ids import new_id
from luxewin.kit.invariants import Violation, violations
from luxewin.kit.services import Services
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.public import Role
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.orders.public import OrderTokens
from luxewin.modules.payments.gateways.resilient import ResilientGateway
from luxewin.modules.payments.public import EndpointSecrets, Gateways, GatewayTotals
from luxewin.modules.raffles.public import Beacons, ConfiguredAnchors, LocalBeacon, MerkleTreeCache, RaffleSecrets
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.cancel_raffle.workflow import finish_cancelled_raffles
from luxewin.workflows.draw_raffle.workflow import draw_due_raffles
from luxewin.workflows.expire_orders.workflow import expire_due_orders
from luxewin.workflows.provision_tenant.schemas import NewTenant
from luxewin.workflows.provision_tenant.workflow import provision_tenant
from luxewin.workflows.reconcile_payments.workflow import apply_due_webhooks, finish_due_refunds, resolve_due_attempts
from luxewin.workflows.settle_raffle.workflow import settle_due_raffles
from tests.conftest import TestDatabase
from tests.modules.cart.shop import Shop
from tests.modules.inventory.stockroom import Stockroom
from tests.modules.payments.payment_flow import PaymentFlow
from tests.modules.payments.webhook_receiver import pass_time
from tests.web import Web
from tests.workflows.mortality import MortalDatabase, MortalSimulator, ProcessSteps
from tests.workflows.routers import ROUTERS

SECRETS = EndpointSecrets(b"the master key of one test, long")
TOKENS = OrderTokens(b"a key of one test that nobody else has")
RAFFLE_SECRETS = RaffleSecrets(b"the master key of one test, long")
BEACONS = Beacons([LocalBeacon(b"a beacon of one test")])
PRICE, SHIPPING = 10_000, 990
TOTAL = PRICE + SHIPPING
ADDRESS = {
    "name": "Ada Byron",
    "line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
_CLOCKS = (
    ("kit_idempotency_keys", ("lease_until",)),
    ("payments_attempts", ("look_up_at", "created_at")),
    ("payments_refunds", ("look_up_at",)),
    ("payments_webhook_deliveries", ("due_at",)),
    ("orders_orders", ("expires_at",)),
    ("inventory_reservations", ("expires_at",)),
)
_LEFT_BY_OTHERS = (
    "UPDATE payments_attempts SET look_up_at = NULL WHERE look_up_at IS NOT NULL",
    "UPDATE payments_refunds SET look_up_at = NULL WHERE look_up_at IS NOT NULL",
    "UPDATE payments_webhook_deliveries SET due_at = NULL, handled_at = now() WHERE due_at IS NOT NULL",
    "UPDATE simulator.webhooks SET delivered_at = now() WHERE delivered_at IS NULL",
)


def pay_with(token: str) -> dict[str, str]:
    """Return the `payment` of a request body."""
    return {"gateway": "simulator", "token": token}


@dataclass(frozen=True, slots=True)
class Person:
    """A client of the shop, with its own headers."""

    client: httpx2.AsyncClient
    principal: Principal
    headers: dict[str, str] = field(default_factory=dict)

    async def request(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, dry_run: bool = False
    ) -> httpx2.Response:
        """Send a request."""
        headers = dict(self.headers)
        if key is not None:
            headers["idempotency-key"] = key
        if dry_run:
            headers["prefer"] = "dry-run"
        return await self.client.request(method, path.removeprefix(BASE), json=body, headers=headers)

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx2.Response:
        """Send a POST request, with an idempotency key if one is given."""
        return await self.request("POST", path, body, key=key)

    async def read_order(self, order_id: Any) -> dict[str, Any]:
        """Read an order."""
        answer = await self.request("GET", f"/orders/{order_id}")
        assert answer.status_code == 200, answer.text
        order: dict[str, Any] = answer.json()
        return order

    async def add_to_cart(self, variant_id: UUID, quantity: int = 1) -> None:
        """Add a variant to the cart; a guest stores the cart's token."""
        answer = await self.post("/cart/items", {"variant_id": str(variant_id), "quantity": quantity})
        assert answer.status_code in {200, 201}, answer.text
        if token := answer.headers.get("x-cart-token"):
            self.headers["x-cart-token"] = token

    async def check_out(self, token: str | None = None, *, key: str | None = None, **more: Any) -> httpx2.Response:
        """Order the cart, and pay with the token if one is given."""
        body: dict[str, Any] = {"shipping_address": ADDRESS, **more}
        if token is not None:
            body["payment"] = pay_with(token)
        return await self.post("/orders", body, key=key)

    async def place_order(self, variant_id: UUID, token: str | None = None, *, quantity: int = 1) -> dict[str, Any]:
        """Add a variant to the cart, order it, and return the order of the response."""
        await self.add_to_cart(variant_id, quantity)
        answer = await self.check_out(token)
        assert answer.status_code in {201, 202}, answer.text
        order: dict[str, Any] = answer.json()
        return order


class Market:
    """A provisioned tenant with its clients, gateway and sweeps."""

    def __init__(self, database: MortalDatabase, simulator: MortalSimulator, test_database: TestDatabase) -> None:
        self.database = database
        self.simulator = simulator
        self.process = database.process = simulator.process = ProcessSteps()
        self.gateways = Gateways([ResilientGateway(simulator)])
        self.directory = Directory(database)
        self.anchors = ConfiguredAnchors(None, margin_seconds=60)
        self._test_database = test_database
        self._clients: list[httpx2.AsyncClient] = []
        self._folder = TemporaryDirectory()

    async def open(self) -> None:
        """Provision the tenant, and finish what other tests have left due."""
        for statement in _LEFT_BY_OTHERS:
            await self.as_owner(statement)
        slug = f"market-{new_id().hex}"
        new = NewTenant(slug=slug, name="Market", currency="USD")
        tenant = await provision_tenant(self.database, self.gateways, SECRETS, new, principal=SYSTEM)
        self.tenant: Tenancy = tenant.tenancy
        self.shop = Shop(self.database, self.tenant)
        self.stock: Stockroom = self.shop.stockroom
        self.flow = PaymentFlow(self.database, self.tenant, self.simulator)
        self.staff = self.person(Role.ADMIN)
        self.buyer = self.person(Role.CUSTOMER)

    async def close(self) -> None:
        """Close all clients, and delete the files."""
        for client in self._clients:
            await client.aclose()
        self._folder.cleanup()

    def person(self, role: Role, *, address: str | None = None) -> Person:
        """Return a client with an account, and an own address unless one is given."""
        principal = Principal(role, user_id=new_id(), session_id=new_id(), tenant_id=self.tenant.id)
        return self.person_as(principal, address=address)

    def guest(self) -> Person:
        """Return a client without an account."""
        return self.person_as(ANONYMOUS)

    def person_as(self, principal: Principal, *, address: str | None = None) -> Person:
        """Return a client whose requests all have this caller."""
        services = {
            Gateways: self.gateways,
            EndpointSecrets: SECRETS,
            OrderTokens: TOKENS,
            Directory: self.directory,
            Beacons: BEACONS,
            ConfiguredAnchors: self.anchors,
            RaffleSecrets: RAFFLE_SECRETS,
            MerkleTreeCache: MerkleTreeCache(),
            DocumentFiles: DocumentFiles(Path(self._folder.name)),
        }
        client = Web(self.database, ROUTERS, services).client(self.tenant, principal, address=address)
        client.base_url = httpx2.URL(f"http://shop.test{BASE}/")
        self._clients.append(client)
        return Person(client, principal)

    async def create_variant(self, *, price_minor: int = PRICE, stock: int | None = 5) -> UUID:
        """Create a product for sale, and return its variant."""
        (variant_id,) = await self.shop.product(price_minor=price_minor, stock=stock)
        return variant_id

    async def as_owner(self, sql: str, *parameters: Any) -> list[Any]:
        """Run a statement as the owner of the database, past all policies."""
        return await self._test_database.as_owner(sql, *parameters)

    async def pass_time(self, **by: float) -> None:
        """Move the tenant's clocks forward, here and at its gateway."""
        for table, moments in _CLOCKS:
            moved = ", ".join(f"{moment} = {moment} - $2::interval" for moment in moments)
            still_open = "AND status = 'active'" if table == "inventory_reservations" else ""
            await self.as_owner(
                f"UPDATE {table} SET {moved} WHERE tenant_id = $1 {still_open}", self.tenant.id, timedelta(**by)
            )
        await pass_time(self._test_database, str(self.tenant.id), timedelta(**by).total_seconds())

    async def sweep(self) -> None:
        """Run the worker's sweeps once: payments, refunds, webhooks, expiry."""
        await resolve_due_attempts(self.database, self.directory, self.gateways)
        await finish_due_refunds(self.database, self.directory, self.gateways)
        await apply_due_webhooks(self.database, self.directory, self.gateways)
        await expire_due_orders(self.database, self.tenant, self.gateways)
        await self.draw()

    async def draw(self) -> None:
        """Run the worker's sweeps of raffles once."""
        await draw_due_raffles(self.database, self.tenant, self.gateways, BEACONS, RAFFLE_SECRETS)
        await finish_cancelled_raffles(self.database, self.tenant, self.gateways)
        await settle_due_raffles(self.database, self.tenant)

    async def settle_down(self) -> None:
        """Run the sweeps until everything due within half a minute is finished."""
        for _ in range(3):
            await self.pass_time(seconds=10)
            await self.sweep()

    async def deliver(self) -> int:
        """Let the gateway send its due webhooks, and return how many were accepted."""
        return await self.simulator.deliver_due(self.guest().client, "http://shop.test")

    async def gateway_totals(self) -> GatewayTotals:
        """Return the amounts that the gateway has captured and refunded."""
        found = await self.simulator.report(str(self.tenant.id))
        return found[0] if found else GatewayTotals(self.tenant.currency, 0, 0, 0)

    async def money(self) -> Mapping[str, int]:
        """Return the balances that are zero when everything is settled, and the income."""
        return {
            kind.value: await self.flow.balance(kind)
            for kind in (
                AccountKind.ORDER_CLEARING,
                AccountKind.REFUNDS_PAYABLE,
                AccountKind.OWN_SALES,
                AccountKind.SHIPPING_INCOME,
            )
        }

    async def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """Return rows of the tenant (`$1`) as the application sees them."""
        return await self.shop.rows(sql, *parameters)

    @property
    def services(self) -> Services:
        """The services that checks of invariants need."""
        given = {Database: self.database, Directory: self.directory, Gateways: self.gateways}
        return Services(AsyncExitStack(), {}, given)

    async def all_violations(self) -> list[Violation]:
        """Return every violation that `luxewin prove` would report of this tenant."""
        return await INVARIANT_CHECKS.violations(self.services, tenant_id=self.tenant.id)

    async def find_violations(self) -> list[Any]:
        """Return every violation of an invariant, and every difference from the gateway's books."""
        invariants = {promise: query for promise, query in INVARIANTS.items() if "$1" in query}
        return [
            *await violations(self.database, invariants, tenant_id=self.tenant.id),
            *await self.flow.discrepancies(),
        ]


def status_and_content(answer: httpx2.Response) -> tuple[int, Any]:
    """Return the part of a response that is equal in all responses to one request."""
    return answer.status_code, orjson.loads(answer.content) if answer.content else None
