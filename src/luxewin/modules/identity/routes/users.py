"""Routes of accounts: create, list, read, change, delete."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone, signed_in, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.limits import CREDENTIALS
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.http.priorities import Priority
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import BY_TIME, InvalidCursor, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.emails import LONGEST_EMAIL, email_key
from luxewin.modules.identity.domain.roles import Role
from luxewin.modules.identity.errors import (
    DryRunNotSupported,
    EmailTaken,
    LastSuperAdmin,
    PasswordsBusy,
    ReauthenticationFailed,
    RoleNotGrantable,
    UserChangedMeanwhile,
    UserUnknown,
    WeakPassword,
)
from luxewin.modules.identity.routes.account_context import in_tenant_of_user, reauthenticate, with_masked_key
from luxewin.modules.identity.routes.router import router
from luxewin.modules.identity.schemas import GrantableRole, NewUser, UserPut, UserView
from luxewin.modules.identity.service import change_user as service
from luxewin.modules.identity.service.authenticator import Authenticator
from luxewin.modules.identity.service.passwords import Passwords
from luxewin.modules.identity.service.register import must_be_strong, register
from luxewin.modules.identity.service.secret_checks import count_secret_check
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
    response_model=UserView,
    status=201,
    errors=(EmailTaken, WeakPassword, RoleNotGrantable, PasswordsBusy),
)
async def create_user(body: NewUser, context: CurrentContext) -> Response:
    """Create an account, without logging in to it.

    Anybody may create a customer's account. Staff may give a role: an admin up to admin, a super admin any. A super
    admin's account belongs to the platform and is valid in every tenant, so its address belongs to no other account of
    the installation.
    """
    password = body.password.get_secret_value()
    must_be_strong(password, email=body.email)
    password_hash = await context.service(Passwords).hash(password)

    async def effect(tx: Transaction) -> StoredResponse:
        user = await register(tx, name=body.name, email=body.email, password_hash=password_hash, role=body.role)
        return json_response(UserView.of(user), status=201, ETag=f'"{user.version}"')

    home = replace(context, tenant=PLATFORM) if body.role is Role.SUPER_ADMIN else context
    return await with_masked_key(home, body).write(effect)


@router.operation("GET", "/users", permission=LIST_USERS, response_model=Page[UserView], errors=(InvalidCursor,))
async def list_users(
    context: CurrentContext,
    paging: Paging,
    role: Annotated[GrantableRole | None, Query(description="Only accounts of this role")] = None,
    email: Annotated[
        str | None, Query(max_length=LONGEST_EMAIL, description="Only the account of this address")
    ] = None,
) -> Response:
    """List the tenant's accounts, newest first.

    Staff only. `role=super_admin` lists the super admins of the installation, for super admins only.
    """
    page = await paginate(
        _in_tenant_of_role(context, role),
        paging,
        listing=f"users/{role}/{None if email is None else email_key(email)}",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: service.list_users(tx, role=role, email=email, before=before, limit=limit),
        key=lambda user: (user.created_at, user.id),
        view=UserView.of,
    )
    return response(json_response(page))


@router.operation("GET", "/users/{user_id}", permission=READ_USER, response_model=UserView, errors=(UserUnknown,))
async def read_user(user_id: UUID, context: CurrentContext) -> Response:
    """Read an account: your own, or any account of the tenant for its staff."""
    home = await in_tenant_of_user(context, user_id)
    user = await home.transaction(lambda tx: service.visible_user(tx, user_id))
    return response(json_response(UserView.of(user), ETag=f'"{user.version}"'))


@router.operation(
    "PUT",
    "/users/{user_id}",
    permission=CHANGE_USER,
    response_model=UserView,
    errors=(
        UserUnknown,
        EmailTaken,
        RoleNotGrantable,
        ReauthenticationFailed,
        DryRunNotSupported,
        LastSuperAdmin,
        UserChangedMeanwhile,
        PreconditionFailed,
        PasswordsBusy,
    ),
)
async def put_user(user_id: UUID, body: UserPut, context: CurrentContext) -> Response:
    """Change an account: your own name and address, or any account of the tenant for its staff.

    To change your own address, send `current_password`; it counts against the limit `credentials`, and there is no dry
    run with it. Staff change role and status, up to their own role and never
    their own; the change takes effect within five seconds. Suspension ends all sessions of the account.
    """
    is_self = user_id == context.principal.user_id
    is_reauthenticated = is_self and body.current_password is not None
    if is_self and body.current_password is not None:
        await count_secret_check(context)
        await reauthenticate(context, body.current_password)

    async def effect(tx: Transaction) -> StoredResponse:
        user = await service.visible_user(tx, user_id)
        must_match(context, user.version)
        body.must_agree(UserView.of(user))
        changed = await service.change_user(tx, user, body.changes(), reauthenticated=is_reauthenticated)
        return json_response(UserView.of(changed), ETag=f'"{changed.version}"')

    sent = await with_masked_key(await in_tenant_of_user(context, user_id), body).write(effect)
    context.service(Authenticator).invalidate(user_id=user_id)
    return sent


@router.operation(
    "DELETE",
    "/users/{user_id}",
    permission=DELETE_USER,
    status=204,
    errors=(UserUnknown, RoleNotGrantable, LastSuperAdmin, UserChangedMeanwhile, PreconditionFailed),
)
async def delete_user(user_id: UUID, context: CurrentContext) -> Response:
    """Delete an account: your own, or any account of the tenant for its staff.

    Its sessions end, and its name, address and devices are removed; orders still refer to its id. The last super admin
    cannot be deleted.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        user = await service.visible_user(tx, user_id)
        must_match(context, user.version)
        await service.delete_user(tx, user)
        return json_response(None, status=204)

    sent = await (await in_tenant_of_user(context, user_id)).write(effect)
    context.service(Authenticator).invalidate(user_id=user_id)
    return sent


def _in_tenant_of_role(context: RequestContext, role: Role | None) -> RequestContext:
    """Return the context in the tenant that holds the accounts of a role, as far as the caller may list them."""
    if role is Role.SUPER_ADMIN and context.principal.is_super_admin:
        return replace(context, tenant=PLATFORM)
    return context
