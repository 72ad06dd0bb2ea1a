"""What raffles keep secret: salts of tickets, keys that sign draws, and who has excluded themselves."""

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
    """A signing key as it is stored."""

    public_key: bytes
    sealed_private_key: bytes


class RaffleSecrets:
    """Seals salts and signing keys with AES-256-GCM, under keys derived from the master key.

    What is sealed for one purchase, or as one key, of one tenant opens as no other.
    """

    def __init__(self, master_key: bytes) -> None:
        self._salts = _cipher(master_key, b"luxewin raffles salts")
        self._keys = _cipher(master_key, b"luxewin raffles signing keys")
        self._persons = _derived(master_key, b"luxewin raffles exclusions")

    def person_hash(self, name: str, *, tenant_id: UUID) -> bytes:
        """Return what an exclusion is kept under: it leads back to nobody, and outlives an erasure."""
        return hmac.digest(self._persons, tenant_id.bytes + name.encode(), "sha256")

    def seal_salts(self, salts: bytes, *, tenant_id: UUID, purchase_id: UUID) -> bytes:
        """Return the salts of a purchase's tickets as they may be stored."""
        return _sealed(self._salts, salts, tenant_id.bytes + purchase_id.bytes)

    def open_salts(self, sealed: bytes, *, tenant_id: UUID, purchase_id: UUID) -> bytes:
        """Return the salts that were sealed."""
        return _opened(self._salts, sealed, tenant_id.bytes + purchase_id.bytes)

    def new_key(self, tenant_id: UUID) -> NewKey:
        """Make a key that signs for a tenant."""
        key = Ed25519PrivateKey.generate()
        public_key = key.public_key().public_bytes_raw()
        return NewKey(public_key, _sealed(self._keys, key.private_bytes_raw(), tenant_id.bytes + public_key))

    def sign(self, text: bytes, sealed: bytes, *, tenant_id: UUID, public_key: bytes) -> bytes:
        """Sign with a sealed key: 64 bytes, always the same for the same text."""
        private_key = _opened(self._keys, sealed, tenant_id.bytes + public_key)
        return Ed25519PrivateKey.from_private_bytes(private_key).sign(text)


def _derived(master_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master_key)


def _cipher(master_key: bytes, purpose: bytes) -> AESGCM:
    return AESGCM(_derived(master_key, purpose))


def _sealed(cipher: AESGCM, text: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, text, bound_to)


def _opened(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
