"""Being logged in: refresh, log out, look at oneself and one's sessions, change the password."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone, signed_in
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.http.limits import CREDENTIALS
from luxewin.kit.http.priorities import Priority
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, InvalidCursor, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.sessions import SecurityEvent, Session, SessionEnd
from luxewin.modules.identity.errors import (
    InvalidRefreshToken,
    PasswordsBusy,
    ReauthenticationFailed,
    RehearsalRefused,
    SessionUnknown,
    UserChangedMeanwhile,
    UserUnknown,
    WeakPassword,
)
from luxewin.modules.identity.routes.callers import at_home, caller_id, device_of, keyless, reauthenticated
from luxewin.modules.identity.routes.router import router
from luxewin.modules.identity.schemas import (
    PasswordPut,
    Refreshing,
    SecurityEventView,
    SessionView,
    TokensView,
    UserView,
)
from luxewin.modules.identity.service import keep_sessions
from luxewin.modules.identity.service.authenticator import Authenticator
from luxewin.modules.identity.service.change_user import change_password, visible_user
from luxewin.modules.identity.service.keep_sessions import Reused
from luxewin.modules.identity.service.passwords import Passwords
from luxewin.modules.identity.service.register import must_be_strong
from luxewin.modules.identity.service.signing_keys import SigningKeys
from luxewin.modules.identity.service.tokens import tokens_of
from luxewin.modules.tenants.public import PLATFORM

REFRESH = everyone("identity.sessions.refresh")
LOG_OUT = signed_in("identity.sessions.end")
READ_SELF = signed_in("identity.self.read")
READ_SESSIONS = signed_in("identity.sessions.read")
CHANGE_PASSWORD = signed_in("identity.password.change")

Listed = TypeVar("Listed", Session, SecurityEvent)
Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=500)]


@router.operation(
    "POST",
    "/auth/refresh",
    permission=REFRESH,
    priority=Priority.CREDENTIALS,
    rate_limit=CREDENTIALS,
    authenticates=False,
    answers=TokensView,
    refuses=(InvalidRefreshToken, RehearsalRefused),
)
async def refresh_tokens(body: Refreshing, context: CurrentContext) -> Response:
    """Trade a refresh token for new tokens.

    A refresh token is good for one use; keep the one in the answer. A token that comes back after its use ends its
    session at once, whoever holds the next one. An `Idempotency-Key` is ignored: tokens are never stored.
    """
    if context.is_dry_run:
        raise RehearsalRefused
    keys, token, device = context.service(SigningKeys), body.refresh_token.get_secret_value(), device_of(context)
    signer = await keys.signer()
    for where in (context, replace(context, tenant=PLATFORM)):
        traded = await where.read(lambda tx: keep_sessions.refresh(tx, token, device=device))
        if isinstance(traded, Reused):
            context.service(Authenticator).forget(user_id=traded.user_id)
            raise InvalidRefreshToken
        if traded is not None:
            return response(json_response(tokens_of(traded, tenant_id=where.tenant.id, keys=keys, signer=signer)))
    raise InvalidRefreshToken


@router.operation("POST", "/auth/logout", permission=LOG_OUT, priority=Priority.OWN, status=204)
async def log_out(context: CurrentContext) -> Response:
    """Log out: end the session of this request.

    Its access token is refused here at once and everywhere within five seconds, its refresh token for good.
    """
    return await _ending(context, lambda tx: _end_current(tx, context))


@router.operation(
    "GET", "/auth/me", permission=READ_SELF, priority=Priority.OWN, answers=UserView, refuses=(UserUnknown,)
)
async def read_self(context: CurrentContext) -> Response:
    """Read one's own account."""
    user = await at_home(context).read(lambda tx: visible_user(tx, caller_id(context)))
    return response(json_response(UserView.of(user), ETag=f'"{user.version}"'))


@router.operation(
    "GET",
    "/auth/sessions",
    permission=READ_SESSIONS,
    priority=Priority.OWN,
    answers=Page[SessionView],
    refuses=(InvalidCursor,),
)
async def list_sessions(context: CurrentContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
    """List one's living sessions, newest first."""
    user_id, listing = caller_id(context), f"sessions/{caller_id(context)}"
    before = _place(context, cursor, listing)
    found = await at_home(context).read(
        lambda tx: keep_sessions.list_sessions(tx, user_id=user_id, before=before, limit=limit + 1)
    )
    shown = [SessionView.of(session, current_id=context.principal.session_id) for session in found[:limit]]
    following = _following(context, found, limit=limit, listing=listing, moment=lambda session: session.created_at)
    return response(json_response(Page[SessionView](data=shown, next_cursor=following)))


@router.operation("DELETE", "/auth/sessions", permission=LOG_OUT, priority=Priority.OWN, status=204)
async def end_other_sessions(context: CurrentContext) -> Response:
    """End all of one's sessions but the one of this request."""

    async def effect(tx: Transaction) -> None:
        session_id = context.principal.session_id
        await keep_sessions.end_sessions(
            tx, user_id=caller_id(context), because=SessionEnd.REVOKED, except_for=session_id
        )

    return await _ending(context, effect)


@router.operation(
    "GET",
    "/auth/sessions/{session_id}",
    permission=READ_SESSIONS,
    priority=Priority.OWN,
    answers=SessionView,
    refuses=(SessionUnknown,),
)
async def read_session(session_id: UUID, context: CurrentContext) -> Response:
    """Read one of one's living sessions."""
    user_id = caller_id(context)
    session = await at_home(context).read(lambda tx: keep_sessions.get_session(tx, session_id, user_id=user_id))
    return response(json_response(SessionView.of(session, current_id=context.principal.session_id)))


@router.operation(
    "DELETE",
    "/auth/sessions/{session_id}",
    permission=LOG_OUT,
    priority=Priority.OWN,
    status=204,
    refuses=(SessionUnknown,),
)
async def end_session(session_id: UUID, context: CurrentContext) -> Response:
    """End one of one's sessions: the device is logged out within five seconds."""

    async def effect(tx: Transaction) -> None:
        await keep_sessions.end_session(tx, session_id, user_id=caller_id(context), because=SessionEnd.REVOKED)

    return await _ending(context, effect)


@router.operation(
    "GET",
    "/auth/security-events",
    permission=READ_SESSIONS,
    priority=Priority.OWN,
    answers=Page[SecurityEventView],
    refuses=(InvalidCursor,),
)
async def list_security_events(
    context: CurrentContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """List what happened around the security of one's account, newest first.

    Failed attempts, locks, new devices, password changes, and refresh tokens that were used twice.
    """
    user_id, listing = caller_id(context), f"security-events/{caller_id(context)}"
    before = _place(context, cursor, listing)
    found = await at_home(context).read(
        lambda tx: keep_sessions.list_security_events(tx, user_id=user_id, before=before, limit=limit + 1)
    )
    shown = [SecurityEventView.of(event) for event in found[:limit]]
    following = _following(context, found, limit=limit, listing=listing, moment=lambda event: event.at)
    return response(json_response(Page[SecurityEventView](data=shown, next_cursor=following)))


@router.operation(
    "PUT",
    "/auth/password",
    permission=CHANGE_PASSWORD,
    priority=Priority.CREDENTIALS,
    rate_limit=CREDENTIALS,
    status=204,
    refuses=(ReauthenticationFailed, WeakPassword, UserChangedMeanwhile, PasswordsBusy),
)
async def put_password(body: PasswordPut, context: CurrentContext) -> Response:
    """Change one's password; all other sessions end.

    An `Idempotency-Key` is ignored: nothing of a password is stored but its hash.
    """
    account = await reauthenticated(context, body.current_password)
    new_password, device = body.new_password.get_secret_value(), device_of(context)
    must_be_strong(new_password, email=account.user.email, pointer="/new_password")
    password_hash = await context.service(Passwords).hashed(new_password)
    return await _ending(context, lambda tx: change_password(tx, account, password_hash=password_hash, device=device))


async def _end_current(tx: Transaction, context: RequestContext) -> None:
    session_id = context.principal.session_id
    assert session_id is not None, "whoever is signed in has a session"
    await keep_sessions.end_session(tx, session_id, user_id=caller_id(context), because=SessionEnd.LOGGED_OUT)


async def _ending(context: RequestContext, effect: Callable[[Transaction], Awaitable[None]]) -> Response:
    """Take an effect after which tokens of the caller may be void, and look at all of them anew."""

    async def silent(tx: Transaction) -> StoredResponse:
        await effect(tx)
        return json_response(None, status=204)

    sent = await keyless(at_home(context)).write(silent)
    context.service(Authenticator).forget(user_id=caller_id(context))
    return sent


def _place(context: RequestContext, cursor: str | None, listing: str) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    at, id = context.service(Cursors).read(cursor, tenant_id=at_home(context).tenant.id, listing=listing)
    return datetime.fromisoformat(at), UUID(id)


def _following(
    context: RequestContext, found: Sequence[Listed], *, limit: int, listing: str, moment: Callable[[Listed], datetime]
) -> str | None:
    if len(found) <= limit:
        return None
    last = found[limit - 1]
    return context.service(Cursors).sign([moment(last), last.id], tenant_id=at_home(context).tenant.id, listing=listing)
