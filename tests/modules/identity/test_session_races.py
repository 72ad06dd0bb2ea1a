"""Refreshes, logouts, suspensions and logins of one account at the same time."""

import asyncio
from uuid import UUID

import asyncpg

from luxewin.kit.access import ANONYMOUS, SYSTEM, Principal
from luxewin.kit.database import Database
from luxewin.kit.invariants import violations
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.domain.accounts import User, UserChange, UserStatus
from luxewin.modules.identity.domain.sessions import Device, SessionEnd
from luxewin.modules.identity.errors import InvalidRefreshToken
from luxewin.modules.identity.public import OpenSession, Role
from luxewin.modules.identity.service import change_user, sessions
from luxewin.modules.identity.service.sessions import Reused
from luxewin.modules.payments.public import Gateways
from tests.modules.identity.app import Account, App, open_connections, until_blocked_or_done

DEVICE = Device("203.0.113.7", "A telephone")
PAIRS, AT_ONCE = 1000, 8


async def _refresh(database: Database, app: App, shop: Tenancy, token: str) -> OpenSession | Reused | None:
    return await database.run(
        shop, ANONYMOUS, lambda tx: sessions.refresh(tx, token, tokens=app.refresh_tokens, device=DEVICE)
    )


async def test_twenty_tabs_that_refresh_at_once_get_the_same_token(
    database: Database, app: App, shop: Tenancy, ada: Account
) -> None:
    other_app = App(database, gateways=Gateways({}))
    await open_connections(database)

    async def refresh(number: int) -> tuple[int, str]:
        async with (app, other_app)[number % 2].client(shop) as client:
            answer = await client.post("/auth/refresh", json={"refresh_token": ada.refresh_token})
        return answer.status_code, answer.json()["refresh_token"]

    answers = await asyncio.gather(*(refresh(number) for number in range(20)))
    other_app.passwords.close()
    assert {status for status, _ in answers} == {200}
    assert len({token for _, token in answers}) == 1
    async with database.begin(shop, SYSTEM) as tx:
        rows = await tx.fetch("SELECT status, count(*)::int AS n FROM identity_refresh_tokens GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in rows] == [("live", 1), ("used", 1)]


async def test_a_concurrent_refresh_waits_for_the_first_and_gets_its_token(
    database: Database, owner: asyncpg.Connection, app: App, shop: Tenancy, ada: Account
) -> None:
    async with database.begin(shop, ANONYMOUS) as tx:
        first = await sessions.refresh(tx, ada.refresh_token, tokens=app.refresh_tokens, device=DEVICE)
        await tx.flush()
        second = asyncio.create_task(_refresh(database, app, shop, ada.refresh_token))
        await until_blocked_or_done(owner, second)
    again = await second
    assert isinstance(first, OpenSession)
    assert isinstance(again, OpenSession)
    assert again.refresh_token == first.refresh_token


async def test_nothing_is_refreshed_after_a_revocation_in_a_thousand_races(
    database: Database, app: App, shop: Tenancy, ada: Account
) -> None:
    await open_connections(database)
    user = await database.run(shop, SYSTEM, lambda tx: identity.find_user(tx, UUID(ada.id)))
    assert user is not None
    outcomes = []
    for _ in range(PAIRS // AT_ONCE):
        outcomes += await asyncio.gather(*(_refresh_while_revoking(database, app, shop, user) for _ in range(AT_ONCE)))
    assert len(outcomes) == PAIRS
    assert set(outcomes) == {True, False}, "both orders must occur"
    assert await violations(database, identity.INVARIANTS) == []


async def _refresh_while_revoking(database: Database, app: App, shop: Tenancy, user: User) -> bool:
    """Refresh and end a session at the same time; check that it stays ended, and return whether it was refreshed."""
    opened = await database.run(shop, SYSTEM, lambda tx: identity.open_session(tx, user, device=DEVICE))
    session_id = opened.session.id

    async def revoke() -> None:
        await database.run(
            shop,
            ANONYMOUS,
            lambda tx: sessions.end_session(tx, session_id, user_id=user.id, because=SessionEnd.LOGGED_OUT),
        )

    refreshed, _ = await asyncio.gather(
        _refresh(database, app, shop, opened.refresh_token), revoke(), return_exceptions=True
    )
    tokens = [opened.refresh_token]
    if isinstance(refreshed, OpenSession):
        tokens.append(refreshed.refresh_token)
    else:
        assert isinstance(refreshed, InvalidRefreshToken)
    for token in tokens:
        (refused,) = await asyncio.gather(_refresh(database, app, shop, token), return_exceptions=True)
        assert isinstance(refused, InvalidRefreshToken)
    return len(tokens) > 1


async def test_a_login_during_a_suspension_leaves_no_session(
    database: Database, owner: asyncpg.Connection, shop: Tenancy, ada: Account
) -> None:
    admin = Principal(Role.ADMIN, user_id=UUID(int=1), tenant_id=shop.id)

    async def suspend() -> None:
        async with database.begin(shop, admin) as tx:
            user = await change_user.visible_user(tx, UUID(ada.id))
            await change_user.change_user(tx, user, UserChange(status=UserStatus.SUSPENDED), reauthenticated=False)

    async with database.begin(shop, ANONYMOUS) as tx:
        account = await identity.account_of(tx, ada.email)
        assert account is not None
        await identity.log_in(tx, account, device=DEVICE, new_hash=None)
        await tx.flush()
        suspending = asyncio.create_task(suspend())
        await until_blocked_or_done(owner, suspending)
    await suspending
    async with database.begin(shop, SYSTEM) as tx:
        assert await tx.fetchval("SELECT count(*) FROM identity_sessions WHERE ended_at IS NULL") == 0
