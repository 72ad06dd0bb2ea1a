"""The account that anchors are sent from. This file imports eth-account, which is slow: import it late."""

import asyncio
from dataclasses import dataclass
from typing import Any, Self

from eth_account import Account
from eth_account.signers.local import LocalAccount
from pydantic import SecretStr

from luxewin.modules.raffles.anchors.limits import Fees

CONTRACT_CREATION = b""
"""The destination of a transaction that creates a contract."""


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A signed transaction: the bytes to send, and their hash."""

    raw: bytes
    hash: bytes


class Sender:
    """The account that sends anchors; it must be used for nothing else, since other transactions would take nonces."""

    def __init__(self, account: LocalAccount) -> None:
        self._account = account
        self.address = bytes.fromhex(account.address.removeprefix("0x"))

    @classmethod
    def of(cls, private_key: SecretStr) -> Self:
        """Return the sender with this private key (32 bytes in hex)."""
        return cls(Account.from_key(private_key.get_secret_value()))

    async def sign(
        self, *, to: bytes, data: bytes, chain_id: int, nonce: int, gas: int, fees: Fees
    ) -> SignedTransaction:
        """Sign a transaction of type 2 (EIP-1559) that transfers no ether, valid on this chain only."""
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
        return SignedTransaction(bytes(signed.raw_transaction), bytes(signed.hash))
