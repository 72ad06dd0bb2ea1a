"""The Ed25519 keys that sign access tokens: stored in the database, and published before they sign.

A token names its key by `kid`; any other reference to a key is ignored (RFC 8725, 3.1 and 3.10).
"""

import asyncio
import base64
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from luxewin.kit.database import Database
from luxewin.modules.identity.repository import signing_keys as repository
from luxewin.modules.identity.repository.signing_keys import StoredKey

ACCESS_TOKEN_SECONDS = 900
PUBLICATION_LEAD_SECONDS = 600
"""The time for which a new key is published before it signs: twice as long as clients may cache the key set."""

FRESH_SECONDS = 5.0
_NONCE_BYTES = 12
_SLACK_SECONDS = 60


class MasterKeyChangedError(Exception):
    """The signing keys were encrypted with another master key than this process has."""


class Signer(NamedTuple):
    """The key to sign with, and its id."""

    kid: str
    private_key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class _KeySet:
    signer: Signer | None = None
    public_keys: dict[str, Ed25519PublicKey] = field(default_factory=dict)


class SigningKeys:
    """The installation's signing keys, cached for at most five seconds in each process.

    Private keys are stored encrypted (AES-256-GCM, with a key derived from the master key). The key id is authenticated
    too, so that no stored key can be decrypted under the id of another.
    """

    def __init__(
        self, database: Database, master_key: bytes, *, issuer: str = "luxewin", audience: str = "luxewin-api"
    ) -> None:
        purpose = b"luxewin identity signing keys"
        self._cipher = AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master_key))
        self._database = database
        self._key_set = _KeySet()
        self._fresh_until = 0.0
        self._reloading = asyncio.Lock()
        self.issuer = issuer
        self.audience = audience

    async def signer(self) -> Signer:
        """Return the key to sign with; create the first key of a new installation.

        Raises:
            MasterKeyChangedError: the stored key cannot be decrypted.
        """
        signer = (await self._current()).signer
        if signer is None:
            await self._add_first_key()
            signer = (await self._current()).signer
            assert signer is not None, "the first key signs at once"
        return signer

    async def public_key(self, kid: str) -> Ed25519PublicKey | None:
        """Return the key with this id, if its tokens are still accepted."""
        return (await self._current()).public_keys.get(kid)

    async def key_set(self) -> list[dict[str, str]]:
        """Return the public keys as JSON Web Keys (RFC 8037): the current one, the next one, and retired ones."""
        keys = (await self._current()).public_keys
        return [
            {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": _base64url(key)}
            for kid, key in keys.items()
        ]

    async def rotate(self, *, compromised: bool = False) -> str:
        """Add a key that signs in ten minutes, and retire the others after their last tokens have expired.

        After a compromise the new key signs at once and no other is accepted: all access tokens are void within ten
        seconds. Refresh tokens are not signed, so clients refresh to get a new access token.
        """
        signs_in_seconds = 0 if compromised else PUBLICATION_LEAD_SECONDS
        verify_for = 0 if compromised else PUBLICATION_LEAD_SECONDS + ACCESS_TOKEN_SECONDS + _SLACK_SECONDS
        async with self._database.system() as connection:
            await repository.lock(connection)
            kid = await self._add(connection, signs_in_seconds=signs_in_seconds)
            await repository.retire_others(connection, kid, verify_for_seconds=verify_for)
        self._fresh_until = 0.0
        return kid

    async def _add_first_key(self) -> None:
        async with self._database.system() as connection:
            await repository.lock(connection)
            if not any(key.signing for key in await repository.verifying(connection)):
                await self._add(connection, signs_in_seconds=0)
        self._fresh_until = 0.0

    async def _add(self, connection: Any, *, signs_in_seconds: int) -> str:
        kid = secrets.token_urlsafe(12)
        key = await asyncio.to_thread(Ed25519PrivateKey.generate)
        await repository.add(
            connection,
            kid=kid,
            public_key=key.public_key().public_bytes_raw(),
            sealed_private_key=self._encrypt(key, kid),
            signs_in_seconds=signs_in_seconds,
        )
        return kid

    async def _current(self) -> _KeySet:
        if time.monotonic() >= self._fresh_until:
            async with self._reloading:
                if time.monotonic() >= self._fresh_until:
                    await self._reload()
        return self._key_set

    async def _reload(self) -> None:
        async with self._database.system() as connection:
            stored = await repository.verifying(connection)
        self._key_set = await asyncio.to_thread(self._key_set_of, stored)
        self._fresh_until = time.monotonic() + FRESH_SECONDS

    def _key_set_of(self, stored: list[StoredKey]) -> _KeySet:
        signing = next((key for key in stored if key.signing), None)
        return _KeySet(
            None if signing is None else Signer(signing.kid, self._decrypt(signing)),
            {key.kid: Ed25519PublicKey.from_public_bytes(key.public_key) for key in stored},
        )

    def _encrypt(self, key: Ed25519PrivateKey, kid: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key.private_bytes_raw(), kid.encode())

    def _decrypt(self, stored: StoredKey) -> Ed25519PrivateKey:
        nonce, sealed = stored.sealed_private_key[:_NONCE_BYTES], stored.sealed_private_key[_NONCE_BYTES:]
        try:
            return Ed25519PrivateKey.from_private_bytes(self._cipher.decrypt(nonce, sealed, stored.kid.encode()))
        except InvalidTag as error:
            raise MasterKeyChangedError(
                "The signing keys cannot be decrypted: they were encrypted with another master key. Restore that key, "
                "or rotate the signing keys as compromised; clients then refresh or log in again."
            ) from error


def _base64url(key: Ed25519PublicKey) -> str:
    return base64.urlsafe_b64encode(key.public_bytes_raw()).decode().rstrip("=")
