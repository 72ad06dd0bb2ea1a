"""Webhook endpoints and their secrets, with which gateways sign webhooks."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import repository
from luxewin.modules.payments.errors import EndpointUnknown
from luxewin.modules.payments.repository.webhooks import Endpoint

_NONCE_BYTES = 12
_SECRET_BYTES = 32


class EndpointSecrets:
    """Encrypts the secrets of webhook endpoints with AES-256-GCM and a key that is derived from the master key.

    Tenant and endpoint are authenticated as associated data, so a secret cannot be decrypted for another endpoint.
    """

    def __init__(self, master_key: bytes) -> None:
        purpose = b"luxewin payments webhook endpoints"
        self._cipher = AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master_key))

    def seal(self, secret: str, *, tenant_id: UUID, endpoint_id: UUID) -> bytes:
        """Return the encrypted secret, to be stored."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), tenant_id.bytes + endpoint_id.bytes)

    def open(self, sealed: bytes, *, tenant_id: UUID, endpoint_id: UUID) -> str:
        """Return the decrypted secret."""
        nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return self._cipher.decrypt(nonce, text, tenant_id.bytes + endpoint_id.bytes).decode()


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """A new endpoint and its secret, which is returned only once."""

    id: UUID
    gateway: str
    secret: str = field(repr=False)


def open_endpoint(tx: Transaction, endpoint_secrets: EndpointSecrets, *, gateway: str) -> NewEndpoint:
    """Open an endpoint for a gateway's webhooks and return it with its secret, for `PaymentGateway.subscribe`."""
    endpoint = NewEndpoint(new_id(), gateway, "whsec_" + secrets.token_urlsafe(_SECRET_BYTES))
    sealed = endpoint_secrets.seal(endpoint.secret, tenant_id=tx.tenant_id, endpoint_id=endpoint.id)
    tx.write(repository.add_endpoint(tx, endpoint.id, gateway=gateway, sealed_secret=sealed))
    tx.audit("payments.webhook_endpoint_opened", target=endpoint.id, after={"gateway": gateway})
    return endpoint


async def endpoints(tx: Transaction, *, after: UUID | None, limit: int) -> list[Endpoint]:
    """Return a page of the endpoints that are open, by id."""
    return await repository.endpoints(tx, after=after, limit=limit)


async def endpoint_tenant(connection: Any, endpoint_id: UUID, *, gateway: str) -> UUID:
    """Return the tenant that opened an endpoint for a gateway; for the system's role.

    Raises:
        EndpointUnknown: there is no such open endpoint.
    """
    tenant_id = await repository.endpoint_tenant(connection, endpoint_id, gateway=gateway)
    if tenant_id is None:
        raise EndpointUnknown
    return tenant_id


def retire_endpoint(tx: Transaction, endpoint_id: UUID) -> None:
    """Close an endpoint permanently; webhooks that it received are not affected.

    Raises:
        EndpointUnknown: (at the flush) there is no open endpoint with this id.
    """
    tx.write(repository.retire_endpoint(tx, endpoint_id))
    tx.audit("payments.webhook_endpoint_retired", target=endpoint_id)
