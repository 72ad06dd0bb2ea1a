"""POST /auth/register and POST /auth/login."""

from dataclasses import replace

from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response
from luxewin.kit.http.limits import CREDENTIALS
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import (
    Device,
    DryRunNotSupported,
    EmailTaken,
    InvalidCredentials,
    OpenSession,
    Passwords,
    PasswordsBusy,
    SigningKeys,
    TokensView,
    WeakPassword,
)
from luxewin.workflows.log_in import workflow
from luxewin.workflows.log_in.schemas import Login, Registration
from luxewin.workflows.log_in.workflow import Client

router = Router(
    "identity",
    priority=Priority.CREDENTIALS,
    rate_limit=CREDENTIALS,
    authenticates=False,
    credential_headers=("x-cart-token",),
)
REGISTER = everyone("identity.register")
LOG_IN = everyone("identity.log_in")


@router.operation(
    "POST",
    "/auth/register",
    permission=REGISTER,
    response_model=TokensView,
    status=201,
    errors=(EmailTaken, WeakPassword, DryRunNotSupported, PasswordsBusy),
)
async def register(body: Registration, context: CurrentContext) -> Response:
    """Register a customer and log them in.

    With `X-Cart-Token`, the guest's cart becomes the customer's. An `Idempotency-Key` is ignored: tokens are never
    stored, and there is no dry run. If the response is lost, log in.
    """
    identity.must_not_be_dry_run(context)
    keys, password = context.service(SigningKeys), body.password.get_secret_value()
    identity.must_be_strong(password, email=body.email)
    password_hash, signer = await context.service(Passwords).hash(password), await keys.signer()

    async def effect(tx: Transaction) -> OpenSession:
        return await workflow.register(
            tx, _client(context), name=body.name, email=body.email, password_hash=password_hash
        )

    def present(opened: OpenSession) -> StoredResponse:
        tokens = identity.tokens_of(opened, tenant_id=context.tenant.id, keys=keys, signer=signer)
        return json_response(tokens, status=201)

    return await replace(context, key=None).write(effect, present)


@router.operation(
    "POST",
    "/auth/login",
    permission=LOG_IN,
    response_model=TokensView,
    errors=(InvalidCredentials, DryRunNotSupported, PasswordsBusy),
)
async def log_in(body: Login, context: CurrentContext) -> Response:
    """Log in with an e-mail address and a password.

    With `X-Cart-Token`, the guest's cart is merged into the account's. After four failures in a row the account is
    locked for 1, 2, 4 … seconds, at most 15 minutes, for the network that they came from. Networks from which the
    account has not logged in are also locked together, after twenty failures. An `Idempotency-Key` is ignored: tokens
    are never stored. There is no dry run: it would confirm a password without a session.
    """
    identity.must_not_be_dry_run(context)
    keys, client = context.service(SigningKeys), _client(context)
    authenticated = await workflow.authenticate(
        context.database,
        context.tenant,
        context.principal,
        passwords=context.service(Passwords),
        email=body.email,
        password=body.password.get_secret_value(),
        device=client.device,
    )
    signer = await keys.signer()

    def present(opened: OpenSession) -> StoredResponse:
        return json_response(identity.tokens_of(opened, tenant_id=authenticated.home.id, keys=keys, signer=signer))

    return await replace(context, tenant=authenticated.home, key=None).write(
        lambda tx: workflow.open_session(tx, authenticated, client), present
    )


def _client(context: RequestContext) -> Client:
    return Client(
        device=Device.of(address=context.address, user_agent=context.headers.get("user-agent", "")),
        cart_token=context.headers.get("x-cart-token"),
    )
