"""Responsible gaming: what participants declare, and the limits and exclusions they set for themselves."""

from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import signed_in
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.errors import BirthDeclared, CurrencyNotSold, ExclusionLength
from luxewin.modules.raffles.public import RaffleSecrets
from luxewin.modules.raffles.routes.router import router
from luxewin.modules.raffles.schemas.responsible_gaming import (
    ExclusionBody,
    LimitBody,
    ParticipantBody,
    ParticipantView,
)
from luxewin.modules.raffles.service import responsible_gaming as service

READ_OWN_SETTINGS = signed_in("raffles.play.read")
WRITE_OWN_SETTINGS = signed_in("raffles.play.write")


@router.operation("GET", "/play", permission=READ_OWN_SETTINGS, response_model=ParticipantView)
async def read_responsible_gaming(context: CurrentContext) -> Response:
    """Read your date of birth, territory, spending limits and exclusion."""
    return response(await context.transaction(lambda tx: _respond(tx, context)))


@router.operation(
    "PUT", "/play", permission=WRITE_OWN_SETTINGS, response_model=ParticipantView, errors=(BirthDeclared,)
)
async def declare_participant(context: CurrentContext, body: ParticipantBody) -> Response:
    """Declare your date of birth and where you live.

    Raffles with a minimum age or with territories require it. A date of birth can be declared only once.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        if body.given:
            body.must_agree(await _view(tx, context))
        service.declare(tx, _caller(context), born_on=body.born_on, territory=body.territory)
        return await _respond(tx, context)

    return await context.write(effect)


@router.operation(
    "POST",
    "/play/limits",
    permission=WRITE_OWN_SETTINGS,
    response_model=ParticipantView,
    status=201,
    errors=(CurrencyNotSold,),
)
async def set_spend_limit(context: CurrentContext, body: LimitBody) -> Response:
    """Limit what you spend on tickets in a day, a week or a month.

    A lower limit applies at once; a higher one, or none, after 24 hours. A limit of 0 allows only free tickets. Setting
    a limit withdraws earlier changes of the same period that do not apply yet.
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
        return await _respond(tx, context, status=201)

    return await context.write(effect)


@router.operation(
    "POST",
    "/play/exclusions",
    permission=WRITE_OWN_SETTINGS,
    response_model=ParticipantView,
    status=201,
    errors=(ExclusionLength,),
)
async def exclude_participant(context: CurrentContext, body: ExclusionBody) -> Response:
    """Exclude yourself from all raffles of this shop.

    A `cool_off` lasts 1 to 42 days, a `self_exclusion` 183 days or more. It starts at once, and neither you nor the
    shop can end it earlier; it also applies to a new account with the same e-mail address.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        await service.exclude(
            tx, _caller(context), kind=body.kind, days=body.days, secrets=context.service(RaffleSecrets)
        )
        return await _respond(tx, context, status=201)

    return await context.write(effect)


def _caller(context: CurrentContext) -> UUID:
    user_id = context.principal.user_id
    assert user_id is not None, "the permission requires an account"
    return user_id


async def _respond(tx: Transaction, context: CurrentContext, *, status: int = 200) -> StoredResponse:
    await tx.flush()
    return json_response(await _view(tx, context), status=status)


async def _view(tx: Transaction, context: CurrentContext) -> ParticipantView:
    participant = await service.find_participant(tx, _caller(context), secrets=context.service(RaffleSecrets))
    return ParticipantView.of(participant, now=await tx.now())
