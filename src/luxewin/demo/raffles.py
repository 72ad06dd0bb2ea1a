"""Seeding of the demo's raffles: one is drawn at once, one closes in two minutes, one stays open for 30 days.

The buyers of their tickets have no accounts, so nobody can log in as one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from luxewin.kit.access import SYSTEM, Principal
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart.public import BasketItem
from luxewin.modules.identity.public import Role
from luxewin.modules.line_kinds.public import TICKETS, Buyer, ServicesByType
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import PlaceItems
from luxewin.modules.payments.public import Attempt, Gateways, PaymentGateway
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Beacons, Prize, RaffleSecrets, Terms
from luxewin.workflows.draw_raffle.workflow import draw_due_raffles
from luxewin.workflows.pay_order.steps import begin_payment, charge, record

_PRICE_MINOR = 500
_DRAW_DELAY = timedelta(seconds=20)
"""Long enough for a slow machine to lock the list of entries in time."""

_FIRST_PUBLISHED_AGO = timedelta(hours=1)
_FIRST_LOCKED_AGO = timedelta(minutes=20)
"""The offset of the tenant's clock while the first raffle is published, and while its list is locked."""

_GATEWAY, _CARD = "simulator", "tok_visa"


@dataclass(frozen=True, slots=True)
class _DemoRaffle:
    """A raffle, and the number of tickets of each buyer."""

    title: str
    prizes: Sequence[str]
    closes_in: timedelta
    tickets_per_buyer: Sequence[int]
    draw_delay: timedelta = _DRAW_DELAY


_FIRST = _DemoRaffle(
    "The first draw: a reading lamp",
    ["Reading Lamp"],
    closes_in=timedelta(minutes=30),
    tickets_per_buyer=[3, 5, 2, 4],
    draw_delay=timedelta(minutes=20),
)
_OTHERS = (
    _DemoRaffle("Closing in two minutes: a woollen throw", ["Woollen Throw", "Cushion"], timedelta(minutes=2), [2, 2]),
    _DemoRaffle("Win the Oslo Lounge Chair", ["Oslo Lounge Chair"], timedelta(days=30), [1]),
)


async def seed_raffles(
    database: Database, tenant: Tenancy, gateways: Gateways, *, beacons: Beacons, secrets: RaffleSecrets
) -> int:
    """Publish the demo's raffles, sell tickets of each, and draw the first one; return the number of raffles.

    There are none without the payment gateway of the demo.
    """
    if _GATEWAY not in gateways:
        return 0
    at_publication = replace(tenant, clock_offset=-_FIRST_PUBLISHED_AGO)
    at_lock = replace(tenant, clock_offset=-_FIRST_LOCKED_AGO)
    await _publish_and_sell(database, at_publication, gateways, _FIRST, beacons=beacons, secrets=secrets)
    for clock in (at_lock, tenant):
        await draw_due_raffles(database, clock, gateways, beacons, secrets)
    for raffle in _OTHERS:
        await _publish_and_sell(database, tenant, gateways, raffle, beacons=beacons, secrets=secrets)
    return 1 + len(_OTHERS)


async def _publish_and_sell(
    database: Database,
    tenant: Tenancy,
    gateways: Gateways,
    raffle: _DemoRaffle,
    *,
    beacons: Beacons,
    secrets: RaffleSecrets,
) -> None:
    raffle_id = await database.run(tenant, SYSTEM, partial(_publish, raffle=raffle, beacons=beacons, secrets=secrets))
    for quantity in raffle.tickets_per_buyer:
        await _buy(
            database, tenant, gateways.get(_GATEWAY), BasketItem(new_id(), TICKETS, raffle_id, quantity), secrets
        )


async def _publish(tx: Transaction, *, raffle: _DemoRaffle, beacons: Beacons, secrets: RaffleSecrets) -> UUID:
    closes_at = (await tx.now() + raffle.closes_in).replace(microsecond=0)
    terms = Terms(
        title=raffle.title,
        description="A demo raffle. Its beacon is a key of this installation, as every verification report states.",
        ticket_price=Money(_PRICE_MINOR, "USD"),
        capacity=500,
        per_person_limit=20,
        one_prize_per_person=True,
        prizes=[Prize(name, None) for name in raffle.prizes],
        reserve_winners=1,
        closes_at=closes_at,
        closes_when_sold_out=False,
        draw_delay_seconds=int(raffle.draw_delay.total_seconds()),
        minimum_age=None,
        territories=None,
        free_entry=False,
        skill=None,
    )
    draft = await raffles.draft_raffle(tx, terms)
    await tx.flush()
    await raffles.publish_raffle(tx, draft.raffle, chain=beacons.chain, secrets=secrets)
    return draft.raffle.id


async def _buy(
    database: Database, tenant: Tenancy, gateway: PaymentGateway, item: BasketItem, secrets: RaffleSecrets
) -> None:
    user_id = new_id()
    buyer = Principal(Role.CUSTOMER, user_id=user_id, session_id=new_id(), tenant_id=tenant.id)

    async def place(tx: Transaction) -> Attempt:
        services = ServicesByType({RaffleSecrets: secrets})
        command = PlaceItems(order_id=new_id(), buyer=Buyer(user_id, services), items=[item])
        order = await orders.place_items(tx, command)
        return await begin_payment(tx, order, attempt_id=order.id, gateway=_GATEWAY, token=_CARD)

    attempt = await database.run(tenant, buyer, place)
    await record(database, tenant, buyer, attempt.id, await charge(gateway, tenant, attempt))
