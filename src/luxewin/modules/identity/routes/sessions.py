"""Routes of logged-in accounts: refresh, log out, own account, sessions, security events, password."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import everyone, signed_in
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.http.limits import CREDENTIALS
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.http.priorities import Priority
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import BY_TIME, InvalidCursor, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.sessions import SessionEnd
from luxewin.modules.identity.errors import (
    DryRunNotSupported,
    InvalidRefreshToken,
    PasswordsBusy,
    ReauthenticationFailed,
    SessionUnknown,
    UserChangedMeanwhile,
    UserUnknown,
    WeakPassword,
)
from luxewin.modules.identity.routes.account_context import (
    caller_id,
    device_of,
    in_home_tenant,
    reauthenticate,
    without_key,
)
from luxewin.modules.identity.routes.router import router
from luxewin.modules.identity.schemas import (
    PasswordPut,
    Refreshing,
    SecurityEventView,
    SessionView,
    TokensView,
    UserView,
)
from luxewin.modules.identity.service import sessions as service
from luxewin.modules.identity.service.authenticator import Authenticator
from luxewin.modules.identity.service.change_user import change_password, visible_user
from luxewin.modules.identity.service.passwords import Passwords
from luxewin.modules.identity.service.refresh_tokens import RefreshTokens
from luxewin.modules.identity.service.register import must_be_strong
from luxewin.modules.identity.service.secret_checks import must_not_be_dry_run
from luxewin.modules.identity.service.sessions import Reused
from luxewin.modules.identity.service.signing_keys import SigningKeys
from luxewin.modules.identity.service.tokens import tokens_of
from luxewin.modules.tenants.public import PLATFORM

REFRESH = everyone("identity.sessions.refresh")
LOG_OUT = signed_in("identity.sessions.end")
READ_SELF = signed_in("identity.self.read")
READ_SESSIONS = signed_in("identity.sessions.read")
CHANGE_PASSWORD = signed_in("identity.password.change")


@router.operation(
    "POST",
    "/auth/refresh",
    permission=REFRESH,
    priority=Priority.CREDENTIALS,
    rate_limit=CREDENTIALS,
    authenticates=False,
    response_model=TokensView,
    errors=(InvalidRefreshToken, DryRunNotSupported),
)
async def refresh_tokens(body: Refreshing, context: CurrentContext) -> Response:
    """Exchange a refresh token for new tokens.

    A refresh token can be used once; store the new one from the response. Used again within ten seconds, it gives the
    session's current refresh token, so that several tabs may refresh at once, and a lost response can be repeated. Used
    later, it ends the session. An `Idempotency-Key` is ignored, because tokens are never stored.
    """
    must_not_be_dry_run(context)
    keys, token, device = context.service(SigningKeys), body.refresh_token.get_secret_value(), device_of(context)
    signer, tokens = await keys.signer(), context.service(RefreshTokens)
    for home in (context, replace(context, tenant=PLATFORM)):
        refreshed = await home.transaction(lambda tx: service.refresh(tx, token, tokens=tokens, device=device))
        if isinstance(refreshed, Reused):
            context.service(Authenticator).invalidate(user_id=refreshed.user_id)
            raise InvalidRefreshToken
        if refreshed is not None:
            return response(json_response(tokens_of(refreshed, tenant_id=home.tenant.id, keys=keys, signer=signer)))
    raise InvalidRefreshToken


@router.operation("POST", "/auth/logout", permission=LOG_OUT, priority=Priority.OWN, status=204)
async def log_out(context: CurrentContext) -> Response:
    """Log out: end the session of this request.

    Its refresh token is revoked at once; its access token is refused by every process within five seconds.
    """
    return await _revoke(context, lambda tx: _end_current(tx, context))


@router.operation(
    "GET", "/auth/me", permission=READ_SELF, priority=Priority.OWN, response_model=UserView, errors=(UserUnknown,)
)
async def read_self(context: CurrentContext) -> Response:
    """Read your own account."""
    user = await in_home_tenant(context).transaction(lambda tx: visible_user(tx, caller_id(context)))
    return response(json_response(UserView.of(user), ETag=f'"{user.version}"'))


@router.operation(
    "GET",
    "/auth/sessions",
    permission=READ_SESSIONS,
    priority=Priority.OWN,
    response_model=Page[SessionView],
    errors=(InvalidCursor,),
)
async def list_sessions(context: CurrentContext, paging: Paging) -> Response:
    """List your active sessions, newest first."""
    user_id = caller_id(context)
    page = await paginate(
        in_home_tenant(context),
        paging,
        listing=f"sessions/{user_id}",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: service.list_sessions(tx, user_id=user_id, before=before, limit=limit),
        key=lambda session: (session.created_at, session.id),
        view=lambda session: SessionView.of(session, current_id=context.principal.session_id),
    )
    return response(json_response(page))


@router.operation("DELETE", "/auth/sessions", permission=LOG_OUT, priority=Priority.OWN, status=204)
async def end_other_sessions(context: CurrentContext) -> Response:
    """End all your sessions except the session of this request."""

    async def effect(tx: Transaction) -> None:
        session_id = context.principal.session_id
        await service.end_sessions(tx, user_id=caller_id(context), because=SessionEnd.REVOKED, except_for=session_id)

    return await _revoke(context, effect)


@router.operation(
    "GET",
    "/auth/sessions/{session_id}",
    permission=READ_SESSIONS,
    priority=Priority.OWN,
    response_model=SessionView,
    errors=(SessionUnknown,),
)
async def read_session(session_id: UUID, context: CurrentContext) -> Response:
    """Read one of your active sessions."""
    user_id = caller_id(context)
    session = await in_home_tenant(context).transaction(lambda tx: service.get_session(tx, session_id, user_id=user_id))
    return response(json_response(SessionView.of(session, current_id=context.principal.session_id)))


@router.operation(
    "DELETE",
    "/auth/sessions/{session_id}",
    permission=LOG_OUT,
    priority=Priority.OWN,
    status=204,
    errors=(SessionUnknown,),
)
async def end_session(session_id: UUID, context: CurrentContext) -> Response:
    """End one of your sessions: the device is logged out within five seconds."""

    async def effect(tx: Transaction) -> None:
        await service.end_session(tx, session_id, user_id=caller_id(context), because=SessionEnd.REVOKED)

    return await _revoke(context, effect)


@router.operation(
    "GET",
    "/auth/security-events",
    permission=READ_SESSIONS,
    priority=Priority.OWN,
    response_model=Page[SecurityEventView],
    errors=(InvalidCursor,),
)
async def list_security_events(context: CurrentContext, paging: Paging) -> Response:
    """List the security events of your account, newest first.

    Failed attempts, locks, new devices, password changes, refresh tokens that were used twice, and decisions of two
    people that you have proposed or confirmed.
    """
    user_id = caller_id(context)
    page = await paginate(
        in_home_tenant(context),
        paging,
        listing=f"security-events/{user_id}",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: service.list_security_events(tx, user_id=user_id, before=before, limit=limit),
        key=lambda event: (event.at, event.id),
        view=SecurityEventView.of,
    )
    return response(json_response(page))


@router.operation(
    "PUT",
    "/auth/password",
    permission=CHANGE_PASSWORD,
    priority=Priority.CREDENTIALS,
    rate_limit=CREDENTIALS,
    status=204,
    errors=(ReauthenticationFailed, DryRunNotSupported, WeakPassword, UserChangedMeanwhile, PasswordsBusy),
)
async def put_password(body: PasswordPut, context: CurrentContext) -> Response:
    """Change your password; all other sessions end.

    An `Idempotency-Key` is ignored, because only the hash of a password is stored. There is no dry run.
    """
    account = await reauthenticate(context, body.current_password)
    new_password, device = body.new_password.get_secret_value(), device_of(context)
    must_be_strong(new_password, email=account.user.email, pointer="/new_password")
    password_hash = await context.service(Passwords).hash(new_password)
    return await _revoke(context, lambda tx: change_password(tx, account, password_hash=password_hash, device=device))


async def _end_current(tx: Transaction, context: RequestContext) -> None:
    session_id = context.principal.session_id
    assert session_id is not None, "a signed-in principal has a session"
    await service.end_session(tx, session_id, user_id=caller_id(context), because=SessionEnd.LOGGED_OUT)


async def _revoke(context: RequestContext, effect: Callable[[Transaction], Awaitable[None]]) -> Response:
    """Run an effect that may revoke tokens of the caller, and respond without content."""

    async def without_content(tx: Transaction) -> StoredResponse:
        await effect(tx)
        return json_response(None, status=204)

    sent = await without_key(in_home_tenant(context)).write(without_content)
    context.service(Authenticator).invalidate(user_id=caller_id(context))
    return sent
