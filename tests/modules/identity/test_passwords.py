"""bcrypt, off the event loop and once on each path."""

import asyncio
import threading
from typing import Any

import bcrypt
import pytest

from luxewin.kit.access import SYSTEM, Role
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.errors import PasswordsBusy
from luxewin.modules.identity.service.passwords import Passwords
from luxewin.modules.payments.public import Gateways
from tests.modules.identity.door import CHEAP, OTHER_PASSWORD, PASSWORD, Door, Member


class Bcrypt:
    """Counts what bcrypt is asked, and in which thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.checked = 0
        self.hashed = 0
        self.threads: set[str] = set()
        check, hash_ = bcrypt.checkpw, bcrypt.hashpw

        def checkpw(password: bytes, hashed: bytes) -> bool:
            self.checked += 1
            self.threads.add(threading.current_thread().name)
            return check(password, hashed)

        def hashpw(password: bytes, salt: bytes) -> bytes:
            self.hashed += 1
            self.threads.add(threading.current_thread().name)
            return hash_(password, salt)

        monkeypatch.setattr(bcrypt, "checkpw", checkpw)
        monkeypatch.setattr(bcrypt, "hashpw", hashpw)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, ada: Member) -> Bcrypt:
    """What bcrypt is asked from here on."""
    assert ada.id
    return Bcrypt(monkeypatch)


async def _log_in(door: Door, shop: Tenancy, email: str, password: str) -> dict[str, Any]:
    async with door.client(shop) as client:
        answer = await client.post("/auth/login", json={"email": email, "password": password})
    body: dict[str, Any] = answer.json()
    return body


async def test_the_right_password_costs_one_bcrypt(door: Door, shop: Tenancy, ada: Member, asked: Bcrypt) -> None:
    assert "access_token" in await _log_in(door, shop, ada.email, PASSWORD)
    assert (asked.checked, asked.hashed) == (1, 0)


async def test_a_wrong_password_costs_one_bcrypt(door: Door, shop: Tenancy, ada: Member, asked: Bcrypt) -> None:
    assert (await _log_in(door, shop, ada.email, OTHER_PASSWORD))["code"] == "identity.invalid_credentials"
    assert (asked.checked, asked.hashed) == (1, 0)


@pytest.mark.parametrize("email", ["nobody@example.com", "not an address", "x"])
async def test_an_unknown_address_costs_one_bcrypt(door: Door, shop: Tenancy, asked: Bcrypt, email: str) -> None:
    assert (await _log_in(door, shop, email, PASSWORD))["code"] == "identity.invalid_credentials"
    assert (asked.checked, asked.hashed) == (1, 0)


async def test_a_super_admins_address_costs_one_bcrypt(
    door: Door, shop: Tenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await door.member(shop, Role.SUPER_ADMIN)
    asked = Bcrypt(monkeypatch)
    await _log_in(door, shop, owner.email, OTHER_PASSWORD)
    assert (asked.checked, asked.hashed) == (1, 0)


async def test_bcrypt_runs_in_its_own_two_threads(door: Door, shop: Tenancy, ada: Member, asked: Bcrypt) -> None:
    await asyncio.gather(*(_log_in(door, shop, ada.email, PASSWORD) for _ in range(8)))
    assert asked.threads <= {"passwords_0", "passwords_1"}
    assert asked.threads


async def test_the_hash_of_nobody_costs_what_a_real_one_does(door: Door) -> None:
    assert await door.passwords.match(PASSWORD, None) is False
    nobody, somebody = door.passwords._nobody, await door.passwords.hashed(PASSWORD)
    assert nobody[:7] == somebody[:7]
    assert len(nobody) == len(somebody)


async def test_whoever_comes_when_too_many_wait_is_told_when_to_come_back() -> None:
    release = threading.Event()
    passwords = Passwords(cost=CHEAP, threads=1, most_waiting=2)
    waiting = [asyncio.create_task(passwords._off_the_loop(release.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(PasswordsBusy) as busy:
        await passwords.match(PASSWORD, None)
    assert busy.value.facts["retry_after_seconds"] > 0
    release.set()
    assert await asyncio.gather(*waiting) == [True, True]
    assert await passwords.match(PASSWORD, await passwords.hashed(PASSWORD))
    passwords.close()


async def test_a_hash_of_another_cost_is_replaced_at_the_next_login(
    database: Database, shop: Tenancy, ada: Member
) -> None:
    dearer = Door(database, gateways=Gateways({}), cost=CHEAP + 1)
    assert "access_token" in await _log_in(dearer, shop, ada.email, PASSWORD)
    stored = await _stored_hash(database, shop, ada)
    assert stored.startswith(f"$2b$0{CHEAP + 1}$")
    assert await dearer.passwords.match(PASSWORD, stored)
    assert "access_token" in await _log_in(dearer, shop, ada.email, PASSWORD)
    assert await _stored_hash(database, shop, ada) == stored
    dearer.passwords.close()


@pytest.mark.parametrize("ending", ["a", "b"])
async def test_the_end_of_a_long_password_counts(door: Door, ending: str) -> None:
    stored = await door.passwords.hashed("x" * 200 + "a")
    assert await door.passwords.match("x" * 200 + ending, stored) is (ending == "a")


async def _stored_hash(database: Database, shop: Tenancy, member: Member) -> str:
    async with database.begin(shop, SYSTEM) as tx:
        stored: str = await tx.fetchval(
            "SELECT c.password_hash FROM identity_credentials c JOIN identity_users u ON u.tenant_id = c.tenant_id"
            " AND u.id = c.user_id WHERE u.email = $1",
            member.email,
        )
    return stored
