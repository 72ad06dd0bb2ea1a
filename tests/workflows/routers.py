"""The routers of vendors, and of every workflow that buyers, staff or gateways can start, at their addresses."""

from fastapi import APIRouter

from luxewin.kit.http.middleware import BASE
from luxewin.modules.cart import routes as cart
from luxewin.modules.orders import routes as orders
from luxewin.modules.raffles import routes as raffles
from luxewin.modules.vendors import routes as vendors
from luxewin.workflows.buy_tickets import routes as buy_tickets
from luxewin.workflows.cancel_order import routes as cancel_order
from luxewin.workflows.cancel_raffle import routes as cancel_raffle
from luxewin.workflows.check_out import routes as check_out
from luxewin.workflows.claim_prize import routes as claim_prize
from luxewin.workflows.pay_order import routes as pay_order
from luxewin.workflows.receive_webhook import routes as receive_webhook
from luxewin.workflows.refund_order import routes as refund_order

_ROUTES = (
    cart,
    orders,
    check_out,
    pay_order,
    cancel_order,
    refund_order,
    receive_webhook,
    raffles,
    buy_tickets,
    cancel_raffle,
    claim_prize,
    vendors,
)


def _addressed(router: APIRouter) -> APIRouter:
    addressed = APIRouter()
    addressed.include_router(router, prefix=BASE)
    return addressed


ROUTERS = tuple(_addressed(routes.router) for routes in _ROUTES)
