"""Nobody grants a role above their own, and a token is worth no more than the role that its owner has now."""

from itertools import product
from uuid import uuid4

import pytest

from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.public import Role
from luxewin.modules.payments.public import Gateways
from tests.modules.identity.app import PASSWORD, App

ROLES = (Role.CUSTOMER, Role.VENDOR, Role.ADMIN, Role.SUPER_ADMIN)
MAY_GRANT = {
    Role.CUSTOMER: {Role.CUSTOMER},
    Role.VENDOR: {Role.CUSTOMER},
    Role.ADMIN: {Role.CUSTOMER, Role.VENDOR, Role.ADMIN},
    Role.SUPER_ADMIN: set(ROLES),
}


@pytest.mark.parametrize(("granter", "role"), list(product(ROLES, ROLES)))
async def test_nobody_creates_an_account_above_their_own_role(
    app: App, shop: Tenancy, granter: Role, role: Role
) -> None:
    body = {"name": "M", "email": f"{uuid4().hex}@example.com", "password": PASSWORD, "role": role}
    async with (await app.create_account(shop, granter)).client() as client:
        answer = await client.post("/users", json=body)
    assert answer.status_code == (201 if role in MAY_GRANT[granter] else 403), answer.text


async def test_a_token_from_before_a_demotion_has_no_more_rights_in_any_process(app: App, shop: Tenancy) -> None:
    boss, admin = await app.create_account(shop, Role.ADMIN), await app.create_account(shop, Role.ADMIN)
    async with boss.client() as client:
        assert (await client.put(f"/users/{admin.id}", json={"role": "customer"})).status_code == 200
    other = App(app.database, gateways=Gateways({}))
    for process in (app, other):
        async with process.client(shop, admin.access_token) as client:
            assert (await client.get("/users")).status_code == 403
            body = {"name": "M", "email": f"{uuid4().hex}@example.com", "password": PASSWORD, "role": "admin"}
            assert (await client.post("/users", json=body)).status_code == 403
    other.passwords.close()
