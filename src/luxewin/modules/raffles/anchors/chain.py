"""A client for one node of an EVM chain. This file imports web3, which is slow: import it late."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Self, TypeVar

from aiohttp import ClientError
from hexbytes import HexBytes
from web3 import AsyncHTTPProvider, AsyncWeb3
from web3.exceptions import ContractLogicError, TransactionNotFound, Web3Exception, Web3RPCError
from web3.middleware import ExtraDataToPOAMiddleware
from web3.types import TxReceipt

from luxewin.modules.raffles.anchors.artefact import draw_anchor
from luxewin.modules.raffles.domain.anchoring import AnchorLocation, AnchorProblem, Purpose, ReceiptAnchor, RulesAnchor

_NOT_WRAPPED_BY_WEB3 = (OSError, TimeoutError, ClientError, ValueError, KeyError, TypeError)
"""Other exceptions that web3 raises when a node does not answer, or answers something unexpected."""
T = TypeVar("T")


class NodeUnusable(Exception):
    """This node cannot be used now; another one may."""

    def __init__(self, problem: AnchorProblem, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail


class CallReverted(Exception):
    """The contract would revert this call now; the message is its reason."""


class BroadcastRejected(Exception):
    """The node rejected a transaction; the message is the node's."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block; `timestamp` is Unix seconds, `base_fee_wei` is per unit of gas."""

    number: int
    hash: bytes
    timestamp: int
    base_fee_wei: int


@dataclass(frozen=True, slots=True)
class Record:
    """The contract's record for a purpose; all zero if there is none."""

    hash: bytes
    closes_at: int
    receipt_before: int
    block_timestamp: int
    block_number: int

    @property
    def exists(self) -> bool:
        """True if anything is anchored for the purpose."""
        return any(self.hash)

    def matches(self, purpose: Purpose) -> bool:
        """Return whether this is what the purpose anchors."""
        stored = self.hash, self.closes_at, self.receipt_before
        match purpose:
            case RulesAnchor():
                return stored == (purpose.rules_hash, purpose.closes_at, purpose.receipt_before)
            case ReceiptAnchor():
                return stored == (purpose.receipt_hash, 0, 0)


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A transaction and the block that includes it."""

    transaction_hash: bytes
    succeeded: bool
    block_number: int
    block_hash: bytes


def calldata_of(purpose: Purpose) -> bytes:
    """Return the contract call that anchors this purpose; equal purposes give equal bytes."""
    encode = _any_contract().encode_abi
    raffle_id, version = purpose.raffle_id.bytes, purpose.version
    match purpose:
        case RulesAnchor():
            hashes = purpose.rules_hash, purpose.previous_rules_hash or bytes(32)
            times = purpose.closes_at, purpose.receipt_before
            return _bytes(encode("anchor_rules", (raffle_id, version, *hashes, *times)))
        case ReceiptAnchor():
            return _bytes(encode("anchor_receipt", (raffle_id, version, purpose.receipt_hash)))


class Chain:
    """A connection to a node; every request ends at the connection's time limit.

    Raises:
        NodeUnusable: from every method, if the node does not answer in time, or answers something unexpected.
    """

    def __init__(self, web3: AsyncWeb3[AsyncHTTPProvider], *, deadline: float) -> None:
        self._web3 = web3
        self._eth = web3.eth
        self._deadline = deadline

    @classmethod
    @asynccontextmanager
    async def connect(cls, url: str, *, seconds: float) -> AsyncIterator[Self]:
        """Connect to the node at this address, for at most this many seconds in total."""
        # Without retries of the library: the worker repeats the whole step.
        provider = AsyncHTTPProvider(url, exception_retry_configuration=None)
        web3 = AsyncWeb3(provider)
        web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)  # proof-of-authority chains use that field
        try:
            yield cls(web3, deadline=asyncio.get_running_loop().time() + seconds)
        finally:
            await provider.disconnect()

    async def id(self) -> int:
        """Return the id of the chain that the node serves."""
        return await self._request(self._eth.chain_id)

    async def head(self) -> Block:
        """Return the newest block."""
        return await self._block("latest")

    async def block(self, number: int) -> Block:
        """Return the block with this number on the current chain."""
        return await self._block(number)

    async def has_code(self, contract: bytes) -> bool:
        """Return whether the code at this address is the code of the published contract."""
        code = await self._request(self._eth.get_code(_address(contract)))
        return hashlib.sha256(code).digest() == draw_anchor().code_sha256

    async def record(self, purpose: Purpose, *, at: int) -> Record:
        """Return the contract's record for the purpose, as of the block number `at`."""
        functions = self._eth.contract(_address(purpose.location.contract), abi=draw_anchor().abi).functions
        sender, raffle_id = _address(purpose.location.sender), purpose.raffle_id.bytes
        is_rules = isinstance(purpose, RulesAnchor)
        arguments = (sender, raffle_id, purpose.version) if is_rules else (sender, raffle_id)
        call = functions.rules_of(*arguments) if is_rules else functions.receipt_of(*arguments)
        return Record(*await self._request(call.call(block_identifier=at)))

    async def mined_nonce(self, sender: bytes, *, at: int) -> int:
        """Return the sender's next nonce, as of the block number `at`: the number of its mined transactions."""
        return await self._request(self._eth.get_transaction_count(_address(sender), at))

    async def pending_nonce(self, sender: bytes) -> int:
        """Return the sender's next nonce after all executable transactions in the node's pool."""
        return await self._request(self._eth.get_transaction_count(_address(sender), "pending"))

    async def inclusion(self, transaction_hash: bytes) -> Inclusion | None:
        """Return the block that includes a transaction; None if none on the current chain does."""
        try:
            receipt = await self._request(self._receipt(transaction_hash), expected=TransactionNotFound)
        except TransactionNotFound:
            return None
        block = receipt["blockNumber"], bytes(receipt["blockHash"])
        return Inclusion(transaction_hash, receipt["status"] == 1, *block)

    async def anchoring_transaction(self, purpose: Purpose, *, block_number: int) -> bytes | None:
        """Return the hash of the transaction in this block that anchored the purpose; None if none did."""
        contract = self._eth.contract(_address(purpose.location.contract), abi=draw_anchor().abi)
        filters = {"sender": _address(purpose.location.sender), "raffle_id": purpose.raffle_id.bytes}
        event = contract.events.RulesAnchored if isinstance(purpose, RulesAnchor) else contract.events.ReceiptAnchored
        logs = await self._request(
            event().get_logs(from_block=block_number, to_block=block_number, argument_filters=filters)
        )
        matching = (log for log in logs if log["args"]["version"] == purpose.version)
        return next((bytes(log["transactionHash"]) for log in matching), None)

    async def has_transaction(self, transaction_hash: bytes) -> bool:
        """Return whether the node has a transaction, mined or in its pool."""
        try:
            await self._request(self._eth.get_transaction(HexBytes(transaction_hash)), expected=TransactionNotFound)
        except TransactionNotFound:
            return False
        return True

    async def gas_for(self, location: AnchorLocation, calldata: bytes) -> int:
        """Return the gas that the call would use now.

        Raises:
            CallReverted: the contract would revert it.
        """
        call: Any = {"from": _address(location.sender), "to": _address(location.contract), "data": calldata}
        try:
            return await self._request(self._eth.estimate_gas(call), expected=ContractLogicError)
        except ContractLogicError as error:
            raise CallReverted(error.message or "without a reason") from error

    async def usual_priority_fee(self) -> int:
        """Return the priority fee that the node suggests, in wei per unit of gas."""
        return await self._request(self._eth.max_priority_fee)

    async def balance(self, sender: bytes) -> int:
        """Return the sender's balance, in wei."""
        return await self._request(self._eth.get_balance(_address(sender)))

    async def broadcast(self, raw: bytes) -> None:
        """Send a signed transaction to the node; sending one that the node already has succeeds.

        Raises:
            BroadcastRejected: the node rejected it.
        """
        try:
            await self._request(self._eth.send_raw_transaction(raw), expected=Web3RPCError)
        except Web3RPCError as error:
            if "already" not in str(error).lower():
                raise BroadcastRejected(str(error)) from error

    async def created_contract(self, transaction_hash: bytes) -> bytes | None:
        """Return the address of the contract that a mined transaction created; None if it created none."""
        receipt = await self._request(self._receipt(transaction_hash))
        address = receipt["contractAddress"]
        return None if address is None else _bytes(address)

    async def gas_to_create(self, sender: bytes, code: bytes) -> int:
        """Return the gas that creating a contract would use now."""
        return await self._request(self._eth.estimate_gas({"from": _address(sender), "data": code}))

    def _receipt(self, transaction_hash: bytes) -> Awaitable[TxReceipt]:
        return self._eth.get_transaction_receipt(HexBytes(transaction_hash))

    async def _block(self, identifier: Any) -> Block:
        found = await self._request(self._eth.get_block(identifier))
        hash_, timestamp = bytes(found["hash"]), found["timestamp"]
        return Block(found["number"], hash_, timestamp, found.get("baseFeePerGas", 0))

    async def _request(self, request: Awaitable[T], *, expected: type[Exception] | tuple[()] = ()) -> T:
        """Await a request; an `expected` exception is raised as it is, any other one as `NodeUnusable`."""
        try:
            async with asyncio.timeout_at(self._deadline):
                return await request
        except expected:
            raise
        except (Web3Exception, *_NOT_WRAPPED_BY_WEB3) as error:
            raise NodeUnusable(AnchorProblem.NODE_SILENT, type(error).__name__) from error


@cache
def _any_contract() -> Any:
    """Return the contract without an address, to encode calls; cached, since parsing its ABI is slow."""
    return AsyncWeb3().eth.contract(abi=draw_anchor().abi)


def _address(address: bytes) -> Any:
    return AsyncWeb3.to_checksum_address(address)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
