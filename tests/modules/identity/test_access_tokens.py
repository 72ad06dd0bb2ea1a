"""Access tokens: valid ones are accepted, all others are rejected."""

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.public import MasterKeyChangedError, Role, Signer, SigningKeys
from luxewin.modules.identity.service import access_tokens
from tests.modules.identity.app import MASTER_KEY, Account, App, status_of_own_account

Forge = Callable[[dict[str, Any], dict[str, Any], Signer], str]
TYPED = {"typ": "at+jwt"}


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _unsigned(claims: dict[str, Any], headers: dict[str, Any]) -> str:
    head, body = (_base64url(json.dumps(part).encode()) for part in (headers, claims))
    return f"{head}.{body}."


def _signed(claims: dict[str, Any], headers: dict[str, Any], signer: Signer) -> str:
    return jwt.encode(claims, signer.private_key, "EdDSA", headers={"kid": signer.kid, **TYPED, **headers})


def _by_another_key(claims: dict[str, Any], headers: dict[str, Any], signer: Signer) -> str:
    other_key = Ed25519PrivateKey.generate()
    return jwt.encode(claims, other_key, "EdDSA", headers={"kid": signer.kid, **TYPED, **headers})


def _raw_public(signer: Signer) -> bytes:
    return signer.private_key.public_key().public_bytes_raw()


def _jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(key.public_key().public_bytes_raw())}


def _with_own_key(claims: dict[str, Any], header: str, value: Callable[[Ed25519PrivateKey], Any]) -> str:
    other_key = Ed25519PrivateKey.generate()
    return jwt.encode(claims, other_key, "EdDSA", headers={"kid": "mine", **TYPED, header: value(other_key)})


def _signed_with_public_key(claims: dict[str, Any], signer: Signer, secret: bytes) -> str:
    # A verifier that let the token choose HMAC would use our public key as its secret, and accept this.
    head = _base64url(json.dumps({"alg": "HS256", "kid": signer.kid, **TYPED}).encode())
    body = _base64url(json.dumps(claims).encode())
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        f"{head}.{body}".encode(), secret
    )
    return f"{head}.{body}.{_base64url(signature)}"


def _pem(signer: Signer) -> bytes:
    return signer.private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


FORGERIES: dict[str, Forge] = {
    "alg none": lambda claims, head, _: _unsigned(claims, {"alg": "none", **head, **TYPED}),
    "alg None": lambda claims, head, _: _unsigned(claims, {"alg": "None", **head, **TYPED}),
    "alg missing": lambda claims, head, _: _unsigned(claims, {**head, **TYPED}),
    "signature missing": lambda claims, head, signer: _signed(claims, head, signer).rpartition(".")[0] + ".",
    "signature of another key": _by_another_key,
    "HMAC with our public key": lambda claims, _, signer: _signed_with_public_key(claims, signer, _raw_public(signer)),
    "HMAC with our public key as PEM": lambda claims, _, signer: _signed_with_public_key(claims, signer, _pem(signer)),
    "RSA": lambda claims, head, _: jwt.encode(
        claims, rsa.generate_private_key(65537, 2048), "RS256", headers={**head, **TYPED}
    ),
    "kid unknown": lambda claims, _, signer: _signed(claims, {"kid": "another"}, signer),
    "kid is a path": lambda claims, _, signer: _signed(claims, {"kid": "../../dev/null"}, signer),
    "kid is SQL": lambda claims, _, signer: _signed(claims, {"kid": "x' OR '1'='1"}, signer),
    "jku": lambda claims, _, __: _with_own_key(claims, "jku", lambda _: "http://127.0.0.1/jwks.json"),
    "jwk": lambda claims, _, __: _with_own_key(claims, "jwk", _jwk),
    "x5u": lambda claims, _, __: _with_own_key(claims, "x5u", lambda _: "http://127.0.0.1/cert.pem"),
    "crit": lambda claims, _, signer: _signed(claims, {"crit": ["b64"], "b64": True}, signer),
    "ours with a jku beside": lambda claims, _, signer: _signed(claims, {"jku": "http://127.0.0.1/"}, signer),
    "typ JWT": lambda claims, _, signer: _signed(claims, {"typ": "JWT"}, signer),
    "typ missing": lambda claims, _, signer: _signed(claims, {"typ": None}, signer),
    "another audience": lambda claims, _, signer: _signed({**claims, "aud": "another-api"}, {}, signer),
    "several audiences": lambda claims, _, signer: _signed({**claims, "aud": [claims["aud"], "x"]}, {}, signer),
    "another issuer": lambda claims, _, signer: _signed({**claims, "iss": "https://example.com"}, {}, signer),
    "expired": lambda claims, _, signer: _signed({**claims, "exp": claims["iat"] - 1}, {}, signer),
    "expires never": lambda claims, _, signer: _signed({**claims, "exp": 10**30}, {}, signer),
    "expires at no number": lambda claims, _, signer: _signed({**claims, "exp": "soon"}, {}, signer),
    "no subject": lambda claims, _, signer: _signed(_without(claims, "sub"), {}, signer),
    "no session": lambda claims, _, signer: _signed(_without(claims, "sid"), {}, signer),
    "no tenant": lambda claims, _, signer: _signed(_without(claims, "tid"), {}, signer),
    "no expiry": lambda claims, _, signer: _signed(_without(claims, "exp"), {}, signer),
    "no id": lambda claims, _, signer: _signed(_without(claims, "jti"), {}, signer),
    "another subject": lambda claims, _, signer: _signed({**claims, "sub": str(uuid4())}, {}, signer),
    "another session": lambda claims, _, signer: _signed({**claims, "sid": str(uuid4())}, {}, signer),
    "an unknown tenant": lambda claims, _, signer: _signed({**claims, "tid": str(uuid4())}, {}, signer),
    "subject is no id": lambda claims, _, signer: _signed({**claims, "sub": "admin"}, {}, signer),
    "too long": lambda claims, _, signer: _signed({**claims, "more": "x" * 5000}, {}, signer),
    "not a token": lambda *_: "x",
    "three dots": lambda *_: "...",
    "not base64": lambda *_: "\u00e9.\u00e9.\u00e9",
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_is_rejected(app: App, shop: Tenancy, ada: Account, name: str) -> None:
    signer = await app.keys.signer()
    claims = jwt.decode(ada.access_token, options={"verify_signature": False})
    forged = FORGERIES[name](claims, {"kid": signer.kid}, signer)
    async with app.client(shop) as client:
        answer = await client.get("/auth/me", headers={b"Authorization": b"Bearer " + forged.encode()})
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.invalid_token")


async def test_the_token_that_the_forgeries_derive_from_is_valid(app: App, shop: Tenancy, ada: Account) -> None:
    claims = jwt.decode(ada.access_token, options={"verify_signature": False})
    assert await status_of_own_account(app, shop, _signed(claims, {}, await app.keys.signer())) == 200


async def test_a_token_names_user_session_and_tenant_and_expires_in_fifteen_minutes(
    app: App, shop: Tenancy, ada: Account
) -> None:
    claims = jwt.decode(ada.access_token, options={"verify_signature": False})
    assert set(claims) == {"sub", "sid", "tid", "role", "iss", "aud", "iat", "exp", "jti"}
    assert (claims["sub"], claims["tid"], claims["role"]) == (ada.id, str(shop.id), "customer")
    assert claims["exp"] - claims["iat"] == 900
    assert jwt.get_unverified_header(ada.access_token) == {
        "alg": "EdDSA",
        "kid": (await app.keys.signer()).kid,
        "typ": "at+jwt",
    }


async def test_the_role_claim_of_a_token_grants_nothing(app: App, shop: Tenancy, ada: Account) -> None:
    claims = jwt.decode(ada.access_token, options={"verify_signature": False})
    promoted = _signed({**claims, "role": "super_admin"}, {}, await app.keys.signer())
    async with app.client(shop, promoted) as client:
        assert (await client.get("/users")).status_code == 403


async def test_expiry_is_checked_with_the_databases_clock(app: App, shop: Tenancy, ada: Account) -> None:
    async with app.database.system() as connection:
        now: datetime = await connection.fetchval("SELECT now()")
    signer = await app.keys.signer()
    claims = jwt.decode(ada.access_token, options={"verify_signature": False})
    ids = {"user_id": UUID(claims["sub"]), "session_id": UUID(claims["sid"]), "tenant_id": UUID(claims["tid"])}

    def issued(at: datetime) -> str:
        return access_tokens.issue(app.keys, signer, **ids, role=Role.CUSTOMER, now=at)

    assert await status_of_own_account(app, shop, issued(now - timedelta(seconds=880))) == 200
    assert await status_of_own_account(app, shop, issued(now - timedelta(seconds=901))) == 401


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "bearer", "Token x", "x"])
async def test_another_scheme_is_refused(app: App, shop: Tenancy, header: str) -> None:
    async with app.client(shop, Authorization=header) as client:
        assert (await client.get("/auth/me")).status_code == 401


async def test_the_public_keys_verify_our_tokens(app: App, shop: Tenancy, ada: Account) -> None:
    async with app.client(shop) as client:
        answer = await client.get("http://nobody.test/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    key_set = jwt.PyJWKSet.from_dict(answer.json())
    key = key_set[jwt.get_unverified_header(ada.access_token)["kid"]]
    assert jwt.decode(ada.access_token, key, ["EdDSA"], audience="luxewin-api", issuer="luxewin")["sub"] == ada.id
    assert "d" not in answer.json()["keys"][0]


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_is_still_accepted(
    database: Database, owner: asyncpg.Connection, app: App, shop: Tenancy, ada: Account
) -> None:
    old_kid = (await app.keys.signer()).kid
    new_kid = await app.keys.rotate()
    assert (await app.keys.signer()).kid == old_kid
    assert {new_kid, old_kid} <= {key["kid"] for key in await app.keys.key_set()}
    await owner.execute("UPDATE identity_signing_keys SET signs_from = now() WHERE kid = $1", new_kid)
    later = SigningKeys(database, MASTER_KEY)
    assert (await later.signer()).kid == new_kid
    assert await later.public_key(old_kid) is not None
    assert await status_of_own_account(app, shop, ada.access_token) == 200
    ends = await owner.fetchval("SELECT verifies_until - now() FROM identity_signing_keys WHERE kid = $1", old_kid)
    assert ends > timedelta(seconds=600 + 900 - 60), "until the last token that it signed has expired"


async def test_after_a_compromise_no_old_key_is_accepted(app: App, shop: Tenancy, ada: Account) -> None:
    new_kid = await app.keys.rotate(compromised=True)
    app.authenticator.invalidate(user_id=UUID(ada.id))
    assert await status_of_own_account(app, shop, ada.access_token) == 401
    assert [key["kid"] for key in await app.keys.key_set()] == [new_kid]
    async with app.client(shop) as client:
        answer = await client.post("/auth/refresh", json={"refresh_token": ada.refresh_token})
    assert await status_of_own_account(app, shop, answer.json()["access_token"]) == 200


async def test_a_private_key_is_stored_encrypted(owner: asyncpg.Connection, app: App) -> None:
    signer = await app.keys.signer()
    sealed: bytes = await owner.fetchval(
        "SELECT sealed_private_key FROM identity_signing_keys WHERE kid = $1", signer.kid
    )
    assert signer.private_key.private_bytes_raw() not in sealed
    assert len(sealed) == 12 + 32 + 16


async def test_another_master_key_decrypts_no_signing_key(database: Database, app: App) -> None:
    await app.keys.signer()
    with pytest.raises(MasterKeyChangedError):
        await SigningKeys(database, b"another master key, as long as it").signer()


async def test_an_encrypted_key_can_be_decrypted_under_its_own_id_only(owner: asyncpg.Connection, app: App) -> None:
    signer = await app.keys.signer()
    copy = f"copy-{uuid4().hex}"
    await owner.execute(
        "INSERT INTO identity_signing_keys (kid, public_key, sealed_private_key, signs_from)"
        " SELECT $1, public_key, sealed_private_key, now() FROM identity_signing_keys WHERE kid = $2",
        copy,
        signer.kid,
    )
    try:
        with pytest.raises(MasterKeyChangedError):
            await SigningKeys(app.database, MASTER_KEY).signer()
    finally:
        await owner.execute("DELETE FROM identity_signing_keys WHERE kid = $1", copy)


async def test_the_applications_role_cannot_read_the_signing_keys(database: Database, shop: Tenancy) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.begin(shop, SYSTEM) as tx:
            await tx.fetch("SELECT kid FROM identity_signing_keys")


async def test_processes_that_start_together_use_the_same_first_key(
    owner: asyncpg.Connection, database: Database
) -> None:
    await owner.execute("DELETE FROM identity_signing_keys")
    signers = await asyncio.gather(*(SigningKeys(database, MASTER_KEY).signer() for _ in range(6)))
    assert len({signer.kid for signer in signers}) == 1
