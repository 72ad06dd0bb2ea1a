"""The secrets of raffles: salts of tickets, keys that sign draws, and hashes of persons who exclude themselves."""

import hmac
import secrets
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class NewKey(NamedTuple):
    """A new signing key: the public key, and the private key sealed for storage."""

    public_key: bytes
    sealed_private_key: bytes


class RaffleSecrets:
    """Seals salts and signing keys with AES-256-GCM, under keys derived from the master key.

    The tenant and the purchase, or the public key, are authenticated: a value that is sealed for one cannot be opened
    for another.
    """

    def __init__(self, master_key: bytes) -> None:
        self._salts = _cipher(master_key, b"luxewin raffles salts")
        self._keys = _cipher(master_key, b"luxewin raffles signing keys")
        self._persons = _derive(master_key, b"luxewin raffles exclusions")

    def person_hash(self, name: str, *, tenant_id: UUID) -> bytes:
        """Return the keyed hash (32 bytes) under which an exclusion is stored: it does not identify a person."""
        return hmac.digest(self._persons, tenant_id.bytes + name.encode(), "sha256")

    def seal_salts(self, salts: bytes, *, tenant_id: UUID, purchase_id: UUID) -> bytes:
        """Return the salts of a purchase's tickets, encrypted for storage."""
        return _seal(self._salts, salts, tenant_id.bytes + purchase_id.bytes)

    def open_salts(self, sealed: bytes, *, tenant_id: UUID, purchase_id: UUID) -> bytes:
        """Return the decrypted salts of a purchase."""
        return _open(self._salts, sealed, tenant_id.bytes + purchase_id.bytes)

    def new_key(self, tenant_id: UUID) -> NewKey:
        """Generate a signing key for a tenant."""
        key = Ed25519PrivateKey.generate()
        public_key = key.public_key().public_bytes_raw()
        return NewKey(public_key, _seal(self._keys, key.private_bytes_raw(), tenant_id.bytes + public_key))

    def sign(self, content: bytes, sealed: bytes, *, tenant_id: UUID, public_key: bytes) -> bytes:
        """Return the Ed25519 signature of the content, 64 bytes; it is deterministic."""
        private_key = _open(self._keys, sealed, tenant_id.bytes + public_key)
        return Ed25519PrivateKey.from_private_bytes(private_key).sign(content)


def _derive(master_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master_key)


def _cipher(master_key: bytes, purpose: bytes) -> AESGCM:
    return AESGCM(_derive(master_key, purpose))


def _seal(cipher: AESGCM, content: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, content, bound_to)


def _open(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
