"""The key that anchors are sent with: it signs, and is never shown. This file brings eth-account in: import it late."""

import asyncio
from dataclasses import dataclass
from typing import Any, Self

from eth_account import Account
from eth_account.signers.local import LocalAccount
from pydantic import SecretStr

from luxewin.modules.raffles.anchors.limits import Fees

NO_WAY = b""
"""As the destination of a transaction: it makes a contract."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transaction: the bytes that are sent, and the hash it is known by."""

    raw: bytes
    hash: bytes


class Sender:
    """The account that sends anchors, and nothing else: whatever else it signed would take their nonces."""

    def __init__(self, account: LocalAccount) -> None:
        self._account = account
        self.address = bytes.fromhex(account.address.removeprefix("0x"))

    @classmethod
    def of(cls, private_key: SecretStr) -> Self:
        """Return the sender of a key."""
        return cls(Account.from_key(private_key.get_secret_value()))

    async def signed(self, *, to: bytes, data: bytes, chain_id: int, nonce: int, gas: int, fees: Fees) -> Signed:
        """Sign a transaction of type 2 (EIP-1559) that moves no ether; the chain's id keeps it from any other chain."""
        transaction: dict[str, Any] = {
            "type": 2,
            "chainId": chain_id,
            "nonce": nonce,
            "value": 0,
            "data": data,
            "gas": gas,
            "maxFeePerGas": fees.max_fee_wei,
            "maxPriorityFeePerGas": fees.priority_fee_wei,
        }
        if to:
            transaction["to"] = to
        signed = await asyncio.to_thread(self._account.sign_transaction, transaction)
        return Signed(bytes(signed.raw_transaction), bytes(signed.hash))
