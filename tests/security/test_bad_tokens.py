"""Forged, expired and reused access and refresh tokens are rejected."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.modules.identity.public import SigningKeys
from luxewin.runtime.installation import Installation
from tests.program import Program
from tests.security.raw_http import assert_rejected
from tests.security.shops import PASSWORD, Shop, Shops

pytestmark = pytest.mark.usefixtures("no_server_errors")


@pytest.fixture
async def keys(program: Program) -> AsyncIterator[SigningKeys]:
    """The signing keys of the program, to create tokens with a single invalid claim."""
    installation = Installation.find(program.environment, SETTINGS_EXTENSIONS)
    database = await installation.open_database()
    yield SigningKeys(database, installation.secrets.master_key)
    await database.close()


@pytest.fixture
def token(shops: Shops) -> str:
    """A valid access token of a customer."""
    return shops.ours.people["customer"].headers["authorization"].removeprefix("Bearer ")


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], secret: bytes) -> str:
    body = f"{encoded(header)}.{encoded(claims)}"
    return f"{body}.{encoded(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


async def read_self(shop: Shop, token: str) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token}"}
    return await shop.people["anonymous"].get("/auth/me", headers=headers)


async def test_a_valid_token_is_accepted(shops: Shops, token: str) -> None:
    assert (await read_self(shops.ours, token)).status_code == 200


async def test_an_unsigned_token_is_rejected(shops: Shops, token: str) -> None:
    header, claims = opened(token)
    for algorithm in ("none", "None", "NONE", ""):
        for signature in ("", token.rpartition(".")[2]):
            forged = f"{encoded({**header, 'alg': algorithm})}.{encoded(claims)}.{signature}"
            assert_rejected(await read_self(shops.ours, forged), 401)


async def test_a_token_signed_with_the_public_key_as_secret_is_rejected(shops: Shops, token: str) -> None:
    header, claims = opened(token)
    key_set = (await shops.ours.people["anonymous"].get(f"{shops.origin}/.well-known/jwks.json")).json()["keys"]
    public = next(key["x"] for key in key_set if key["kid"] == header["kid"])
    raw = base64.urlsafe_b64decode(public + "==")
    for secret in (raw, public.encode(), raw.hex().encode(), b""):
        for algorithm in ("HS256", "EdDSA"):
            forged = signed({**header, "alg": algorithm}, claims, secret)
            assert_rejected(await read_self(shops.ours, forged), 401)


async def test_a_token_with_its_own_key_is_rejected(shops: Shops, token: str) -> None:
    header, claims = opened(token)
    mine = Ed25519PrivateKey.generate()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": encoded(mine.public_key().public_bytes_raw())}
    for more in (
        {},
        {"jwk": jwk},
        {"jku": f"{shops.origin}/jwks.json"},
        {"x5u": "http://169.254.169.254/"},
        {"kid": "../../../../dev/null"},
        {"kid": "' UNION SELECT 1 --"},
        {"kid": ""},
        {"kid": "\u0000"},
        {"crit": ["exp"]},
        {"typ": "JWT"},
    ):
        forged = jwt.encode(claims, mine, algorithm="EdDSA", headers={**header, **more})
        assert_rejected(await read_self(shops.ours, forged), 401)


async def test_a_token_with_one_invalid_claim_is_rejected(shops: Shops, token: str, keys: SigningKeys) -> None:
    header, claims = opened(token)
    signer = await keys.signer()
    assert signer.kid == header["kid"]

    def like(claims: Mapping[str, Any], **headers: Any) -> str:
        return jwt.encode(dict(claims), signer.private_key, algorithm="EdDSA", headers={**header, **headers})

    assert (await read_self(shops.ours, like(claims))).status_code == 200
    theirs = shops.theirs.values["tenant_id"]
    wrong: list[dict[str, Any]] = [
        {"exp": int(time.time()) - 60},
        {"exp": "never"},
        {"exp": -1},
        {"exp": 10**30},
        {"aud": "somebody-else"},
        {"aud": [claims["aud"], "somebody-else"]},
        {"iss": "https://evil.example"},
        {"sub": str(uuid4())},
        {"sub": "not-an-id"},
        {"sid": str(uuid4())},
        {"sid": shops.theirs.values["session_id"]},
        {"tid": theirs},
        {"tid": "not-an-id"},
    ]
    for change in wrong:
        assert_rejected(await read_self(shops.ours, like({**claims, **change})), 401, 403)
    for name in ("exp", "sub", "sid", "tid", "iss", "aud", "iat", "jti"):
        assert_rejected(await read_self(shops.ours, like({key: claims[key] for key in claims if key != name})), 401)
    for headers in ({"typ": "JWT"}, {"jku": "http://evil.example"}, {"kid": "another"}):
        assert_rejected(await read_self(shops.ours, like(claims, **headers)), 401)
    for shop in (shops.theirs,):
        assert_rejected(await read_self(shop, like({**claims, "tid": theirs})), 401)


async def test_the_role_is_read_from_the_account_not_from_the_token(
    shops: Shops, token: str, keys: SigningKeys
) -> None:
    header, claims = opened(token)
    raised = jwt.encode(
        {**claims, "role": "super_admin"}, (await keys.signer()).private_key, algorithm="EdDSA", headers=header
    )
    headers = {"authorization": f"Bearer {raised}"}
    assert_rejected(await shops.ours.people["anonymous"].get("/tenants", headers=headers), 403)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "x" * 100_000, "a.b.c.d", "é", "Bearer Bearer", "null"])
async def test_a_malformed_token_is_rejected(shops: Shops, text: str) -> None:
    headers = [(b"authorization", f"Bearer {text}".strip().encode())]
    answer = await shops.ours.people["anonymous"].get("/auth/me", headers=headers)
    assert_rejected(answer, 400, 401, 431)


async def logged_in(shop: Shop) -> dict[str, Any]:
    email = f"other_customer-{shop.canary}@example.com"
    answer = await shop.people["anonymous"].post("/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def refreshed(shop: Shop, token: str) -> httpx2.Response:
    return await shop.people["anonymous"].post("/auth/refresh", json={"refresh_token": token})


async def test_a_refresh_token_is_rejected_in_another_tenant(shops: Shops) -> None:
    token = (await logged_in(shops.ours))["refresh_token"]
    assert_rejected(await refreshed(shops.theirs, token), 401)
    assert (await refreshed(shops.ours, token)).status_code == 200


async def test_twenty_simultaneous_refreshes_have_one_successor(shops: Shops) -> None:
    token = (await logged_in(shops.ours))["refresh_token"]
    answers = await asyncio.gather(*(refreshed(shops.ours, token) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
