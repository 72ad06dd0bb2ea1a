"""What people declare and set for themselves; nobody else can, and nobody can undo an exclusion."""

from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import signed_in
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.errors import BirthDeclared, CurrencyNotSold, ExclusionLength
from luxewin.modules.raffles.public import RaffleSecrets
from luxewin.modules.raffles.routes.router import router
from luxewin.modules.raffles.schemas.play import ExclusionBody, LimitBody, PlayerBody, PlayerView
from luxewin.modules.raffles.service import play as service

READ_OWN_PLAY = signed_in("raffles.play.read")
WRITE_OWN_PLAY = signed_in("raffles.play.write")


@router.operation("GET", "/play", permission=READ_OWN_PLAY, answers=PlayerView)
async def read_play(context: CurrentContext) -> Response:
    """Read what you have declared and set for yourself: date of birth, territory, limits, exclusion."""
    return response(await context.read(lambda tx: _shown(tx, context)))


@router.operation("PUT", "/play", permission=WRITE_OWN_PLAY, answers=PlayerView, refuses=(BirthDeclared,))
async def declare_play(context: CurrentContext, body: PlayerBody) -> Response:
    """Declare when you were born and where you live.

    Raffles with a minimum age or with territories ask for it. A date of birth is declared once.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        service.declare(tx, _caller(context), born_on=body.born_on, territory=body.territory)
        return await _shown(tx, context)

    return await context.write(effect)


@router.operation(
    "POST", "/play/limits", permission=WRITE_OWN_PLAY, answers=PlayerView, status=201, refuses=(CurrencyNotSold,)
)
async def set_play_limit(context: CurrentContext, body: LimitBody) -> Response:
    """Limit what you spend on tickets in a day, a week or a month.

    A stricter limit holds at once; a higher one, or none, after 24 hours. 0 allows nothing that costs. Whatever you set
    withdraws what still waits for its 24 hours.
    """
    if body.amount is not None and body.amount.currency != context.tenant.currency:
        raise CurrencyNotSold(pointer="/amount/currency")

    async def effect(tx: Transaction) -> StoredResponse:
        await service.set_limit(
            tx,
            _caller(context),
            period=body.period,
            amount=body.amount.money if body.amount else None,
            currency=context.tenant.currency,
            secrets=context.service(RaffleSecrets),
        )
        return await _shown(tx, context, status=201)

    return await context.write(effect)


@router.operation(
    "POST", "/play/exclusions", permission=WRITE_OWN_PLAY, answers=PlayerView, status=201, refuses=(ExclusionLength,)
)
async def exclude_from_play(context: CurrentContext, body: ExclusionBody) -> Response:
    """Exclude yourself from all raffles of this shop.

    A `cool_off` lasts 1 to 42 days, a `self_exclusion` 183 days or more. It begins at once, and neither you nor the
    shop can end it earlier; it holds for a new account with the same e-mail address too.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        await service.exclude(
            tx, _caller(context), kind=body.kind, days=body.days, secrets=context.service(RaffleSecrets)
        )
        return await _shown(tx, context, status=201)

    return await context.write(effect)


def _caller(context: CurrentContext) -> UUID:
    user_id = context.principal.user_id
    assert user_id is not None, "the permission demands an account"
    return user_id


async def _shown(tx: Transaction, context: CurrentContext, *, status: int = 200) -> StoredResponse:
    await tx.flush()
    player = await service.find_player(tx, _caller(context), secrets=context.service(RaffleSecrets))
    return json_response(PlayerView.of(player, now=await tx.now()), status=status)
