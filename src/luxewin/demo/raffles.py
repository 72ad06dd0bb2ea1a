"""The demo's raffles: one that was drawn an hour ago, one that is open, one closing soon.

Who has bought tickets there has no account, so that nobody can log in as them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from luxewin.kit.access import SYSTEM, Principal, Role
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart.public import BasketItem
from luxewin.modules.lines.public import TICKETS, Buyer, ServicesByType
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import PlaceItems
from luxewin.modules.payments.public import Attempt, Gateway, Gateways
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Beacons, Prize, RaffleSecrets, Terms
from luxewin.workflows.draw_raffle.workflow import draw_due_raffles
from luxewin.workflows.pay_order.steps import begin_payment, charge, record

_PRICE_MINOR = 500
_DRAW_DELAY = timedelta(seconds=20)
"""Long enough for a machine that is slow to lock the list in time."""

_FIRST_DRAW_BEGAN = timedelta(hours=1)
_FIRST_LIST_LOCKED = timedelta(minutes=20)
"""So long ago, by the tenant's clock."""

_GATEWAY, _CARD = "simulator", "tok_visa"


@dataclass(frozen=True, slots=True)
class _Shown:
    """A raffle of the demo, and how many tickets each of its buyers takes."""

    title: str
    prizes: Sequence[str]
    closes_in: timedelta
    bought: Sequence[int]
    draw_delay: timedelta = _DRAW_DELAY


_FIRST = _Shown(
    "The first draw: a reading lamp",
    ["Reading Lamp"],
    closes_in=timedelta(minutes=30),
    bought=[3, 5, 2, 4],
    draw_delay=timedelta(minutes=20),
)
_OTHERS = (
    _Shown("Closing in two minutes: a woollen throw", ["Woollen Throw", "Cushion"], timedelta(minutes=2), [2, 2]),
    _Shown("Win the Oslo Lounge Chair", ["Oslo Lounge Chair"], timedelta(days=30), [1]),
)


async def fill_raffles(
    database: Database, tenant: Tenancy, gateways: Gateways, *, beacons: Beacons, secrets: RaffleSecrets
) -> int:
    """Publish the demo's raffles, let some tickets be bought, and draw the first; return how many raffles there are."""
    began, locked = (replace(tenant, clock_offset=-ago) for ago in (_FIRST_DRAW_BEGAN, _FIRST_LIST_LOCKED))
    await _sell(database, began, gateways, _FIRST, beacons=beacons, secrets=secrets)
    for moment in (locked, tenant):
        await draw_due_raffles(database, moment, gateways, beacons, secrets)
    for shown in _OTHERS:
        await _sell(database, tenant, gateways, shown, beacons=beacons, secrets=secrets)
    return 1 + len(_OTHERS)


async def _sell(
    database: Database,
    tenant: Tenancy,
    gateways: Gateways,
    shown: _Shown,
    *,
    beacons: Beacons,
    secrets: RaffleSecrets,
) -> None:
    raffle_id = await database.run(tenant, SYSTEM, partial(_published, shown=shown, beacons=beacons, secrets=secrets))
    for quantity in shown.bought:
        await _buy(
            database, tenant, gateways.named(_GATEWAY), BasketItem(new_id(), TICKETS, raffle_id, quantity), secrets
        )


async def _published(tx: Transaction, *, shown: _Shown, beacons: Beacons, secrets: RaffleSecrets) -> UUID:
    closes_at = (await tx.now() + shown.closes_in).replace(microsecond=0)
    terms = Terms(
        title=shown.title,
        description="A raffle of the demo. Its beacon is a key of this installation, and every verdict says so.",
        ticket_price=Money(_PRICE_MINOR, "USD"),
        capacity=500,
        per_person_limit=20,
        one_prize_per_person=True,
        prizes=[Prize(name, None) for name in shown.prizes],
        reserve_winners=1,
        closes_at=closes_at,
        closes_when_sold_out=False,
        draw_delay_seconds=int(shown.draw_delay.total_seconds()),
        minimum_age=None,
        territories=None,
        free_entry=False,
        skill=None,
    )
    sheet = await raffles.draft_raffle(tx, terms)
    await tx.flush()
    await raffles.publish_raffle(tx, sheet.raffle, chain=beacons.chain, secrets=secrets)
    return sheet.raffle.id


async def _buy(database: Database, tenant: Tenancy, gateway: Gateway, item: BasketItem, secrets: RaffleSecrets) -> None:
    user_id = new_id()
    buyer = Principal(Role.CUSTOMER, user_id=user_id, session_id=new_id(), tenant_id=tenant.id)

    async def place(tx: Transaction) -> Attempt:
        services = ServicesByType({RaffleSecrets: secrets})
        command = PlaceItems(order_id=new_id(), buyer=Buyer(user_id, services), items=[item])
        order = await orders.place_items(tx, command)
        return await begin_payment(tx, order, attempt_id=order.id, gateway=_GATEWAY, token=_CARD)

    attempt = await database.run(tenant, buyer, place)
    await record(database, tenant, buyer, attempt.id, await charge(gateway, tenant, attempt))
