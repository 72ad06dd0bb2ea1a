"""The tenant's signing keys: each raffle's rules name the key that signs its receipt and its proof."""

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.secrets import RaffleSecrets


async def find_or_create_key(tx: Transaction, secrets: RaffleSecrets) -> bytes:
    """Return the tenant's newest public key (32 bytes); create a key if the tenant has none."""
    newest = await repository.newest_key(tx)
    if newest is not None:
        return newest
    created = secrets.new_key(tx.tenant_id)
    tx.write(repository.add_key(tx, public_key=created.public_key, sealed_private_key=created.sealed_private_key))
    return created.public_key


async def sign(tx: Transaction, rules: Json, content: bytes, *, secrets: RaffleSecrets) -> bytes:
    """Return the Ed25519 signature (64 bytes) of the content by the key that the rules name."""
    public_key = bytes.fromhex(rules["signing_key"])
    sealed = await repository.sealed_key(tx, public_key)
    return secrets.sign(content, sealed, tenant_id=tx.tenant_id, public_key=public_key)
