"""Accounts: make, list, read, change, close."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import Role, everyone, signed_in, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.limits import CREDENTIALS
from luxewin.kit.http.priorities import Priority
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, InvalidCursor, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.emails import LONGEST_EMAIL, email_key
from luxewin.modules.identity.errors import (
    EmailTaken,
    LastSuperAdmin,
    PasswordsBusy,
    ReauthenticationFailed,
    RoleNotGrantable,
    UserChangedMeanwhile,
    UserUnknown,
    WeakPassword,
)
from luxewin.modules.identity.routes.callers import keyed_without_secrets, near, reauthenticated
from luxewin.modules.identity.routes.router import router
from luxewin.modules.identity.schemas import GrantableRole, NewUser, UserPut, UserView
from luxewin.modules.identity.service import change_user as service
from luxewin.modules.identity.service.authenticator import Authenticator
from luxewin.modules.identity.service.passwords import Passwords
from luxewin.modules.identity.service.register import must_be_strong, must_not_be_a_super_admins, register
from luxewin.modules.tenants.public import PLATFORM

CREATE_USER = everyone("identity.users.create")
LIST_USERS = staff("identity.users.list")
READ_USER = signed_in("identity.users.read")
CHANGE_USER = signed_in("identity.users.change")
DELETE_USER = signed_in("identity.users.delete")


@router.operation(
    "POST",
    "/users",
    permission=CREATE_USER,
    priority=Priority.CREDENTIALS,
    rate_limit=CREDENTIALS,
    answers=UserView,
    status=201,
    refuses=(EmailTaken, WeakPassword, RoleNotGrantable, PasswordsBusy),
)
async def create_user(body: NewUser, context: CurrentContext) -> Response:
    """Make an account, without logging in to it.

    Anybody may make a customer's account. Staff may name a role: an admin up to admin, a super admin any. A super
    admin's account lives on the platform and is valid in every tenant.
    """
    password = body.password.get_secret_value()
    must_be_strong(password, email=body.email)
    platform = replace(context, tenant=PLATFORM)
    if body.role is not Role.SUPER_ADMIN:
        await platform.read(lambda tx: must_not_be_a_super_admins(tx, email=body.email))
    password_hash = await context.service(Passwords).hashed(password)

    async def effect(tx: Transaction) -> StoredResponse:
        user = await register(tx, name=body.name, email=body.email, password_hash=password_hash, role=body.role)
        return json_response(UserView.of(user), status=201, ETag=f'"{user.version}"')

    where = platform if body.role is Role.SUPER_ADMIN else context
    return await keyed_without_secrets(where, body).write(effect)


@router.operation("GET", "/users", permission=LIST_USERS, answers=Page[UserView], refuses=(InvalidCursor,))
async def list_users(
    context: CurrentContext,
    role: Annotated[GrantableRole | None, Query(description="Only accounts of this role")] = None,
    email: Annotated[
        str | None, Query(max_length=LONGEST_EMAIL, description="Only the account of this address")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List the tenant's accounts, newest first.

    Staff only. `role=super_admin` lists the installation's administrators, to one of them.
    """
    where = _where_listed(context, role)
    cursors, listing = context.service(Cursors), f"users/{role}/{None if email is None else email_key(email)}"
    place = cursors.read(cursor, tenant_id=where.tenant.id, listing=listing) if cursor else None
    before = (datetime.fromisoformat(place[0]), UUID(place[1])) if place else None
    found = await where.read(lambda tx: service.list_users(tx, role=role, email=email, before=before, limit=limit + 1))
    shown, following = found[:limit], None
    if len(found) > limit:
        following = cursors.sign([shown[-1].created_at, shown[-1].id], tenant_id=where.tenant.id, listing=listing)
    return response(json_response(Page[UserView](data=[UserView.of(user) for user in shown], next_cursor=following)))


@router.operation("GET", "/users/{user_id}", permission=READ_USER, answers=UserView, refuses=(UserUnknown,))
async def read_user(user_id: UUID, context: CurrentContext) -> Response:
    """Read an account: one's own, or any of the tenant for its staff."""
    where = await near(context, user_id)
    user = await where.read(lambda tx: service.visible_user(tx, user_id))
    return response(json_response(UserView.of(user), ETag=f'"{user.version}"'))


@router.operation(
    "PUT",
    "/users/{user_id}",
    permission=CHANGE_USER,
    answers=UserView,
    refuses=(
        UserUnknown,
        EmailTaken,
        RoleNotGrantable,
        ReauthenticationFailed,
        LastSuperAdmin,
        UserChangedMeanwhile,
        PreconditionFailed,
        PasswordsBusy,
    ),
)
async def put_user(user_id: UUID, body: UserPut, context: CurrentContext) -> Response:
    """Change an account: one's own name and address, or anybody's of the tenant for its staff.

    One's own address is changed with `current_password`. Role and status are given by staff, up to their own rank and
    never to themselves; they take effect here at once and everywhere within five seconds. Suspending ends all sessions.
    """
    is_self = user_id == context.principal.user_id
    if is_self and body.current_password is not None:
        await reauthenticated(context, body.current_password)
    proved = is_self and body.current_password is not None

    async def effect(tx: Transaction) -> StoredResponse:
        user = await service.visible_user(tx, user_id)
        must_match(context, user.version)
        changed = await service.change_user(tx, user, body.changes(), reauthenticated=proved)
        return json_response(UserView.of(changed), ETag=f'"{changed.version}"')

    sent = await keyed_without_secrets(await near(context, user_id), body).write(effect)
    context.service(Authenticator).forget(user_id=user_id)
    return sent


@router.operation(
    "DELETE",
    "/users/{user_id}",
    permission=DELETE_USER,
    status=204,
    refuses=(UserUnknown, RoleNotGrantable, LastSuperAdmin, UserChangedMeanwhile, PreconditionFailed),
)
async def delete_user(user_id: UUID, context: CurrentContext) -> Response:
    """Close an account: one's own, or any of the tenant for its staff.

    It is logged out everywhere, and its name, address and traces are removed; orders keep referring to its id. The
    last super admin cannot be removed.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        user = await service.visible_user(tx, user_id)
        must_match(context, user.version)
        await service.delete_user(tx, user)
        return json_response(None, status=204)

    sent = await (await near(context, user_id)).write(effect)
    context.service(Authenticator).forget(user_id=user_id)
    return sent


def _where_listed(context: RequestContext, role: Role | None) -> RequestContext:
    if role is Role.SUPER_ADMIN and context.principal.role is Role.SUPER_ADMIN:
        return replace(context, tenant=PLATFORM)
    return context
