"""An EVM chain through one of its nodes, as far as anchors need it. This file brings web3 in: import it late."""

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
from luxewin.modules.raffles.domain.anchoring import AnchorPlace, Purpose, ReceiptAnchor, RulesAnchor, Trouble

_UNCAUGHT_BY_WEB3 = (OSError, TimeoutError, ClientError, ValueError, KeyError, TypeError)
"""What comes through where a node answers with something that is no answer, or with nothing."""
T = TypeVar("T")


class NodeUnfit(Exception):
    """This node cannot serve now; another may."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(trouble, detail)
        self.trouble = trouble
        self.detail = detail


class CallReverted(Exception):
    """The contract would refuse this call now; the message is its reason."""


class BroadcastRefused(Exception):
    """The node did not take a transaction; the message is the node's."""


@dataclass(frozen=True, slots=True)
class Block:
    """The facts of a block; `base_fee_wei` is for each unit of gas."""

    number: int
    hash: bytes
    timestamp: int
    base_fee_wei: int


@dataclass(frozen=True, slots=True)
class Record:
    """What the contract keeps for a purpose; all zero where there is nothing."""

    hash: bytes
    closes_at: int
    receipt_before: int
    block_timestamp: int
    block_number: int

    @property
    def exists(self) -> bool:
        """Whether anything has been anchored."""
        return any(self.hash)

    def says(self, purpose: Purpose) -> bool:
        """Whether this is what the purpose wants to have anchored."""
        kept = self.hash, self.closes_at, self.receipt_before
        match purpose:
            case RulesAnchor():
                return kept == (purpose.rules_hash, purpose.closes_at, purpose.receipt_before)
            case ReceiptAnchor():
                return kept == (purpose.receipt_hash, 0, 0)


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A transaction in its block."""

    transaction_hash: bytes
    succeeded: bool
    block_number: int
    block_hash: bytes


def calldata_of(purpose: Purpose) -> bytes:
    """Return the call of the contract that anchors this purpose: equal purposes, equal bytes."""
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
    """A node's view of its chain; every question ends when the time of the visit does.

    Raises:
        NodeUnfit: from every method, when the node does not answer, or not to the point.
    """

    def __init__(self, web3: AsyncWeb3[AsyncHTTPProvider], *, until: float) -> None:
        self._web3 = web3
        self._eth = web3.eth
        self._until = until

    @classmethod
    @asynccontextmanager
    async def visited(cls, url: str, *, seconds: float) -> AsyncIterator[Self]:
        """Speak with the node at this address while the block runs, for so many seconds in all."""
        provider = AsyncHTTPProvider(
            url, exception_retry_configuration=None
        )  # the schedule asks again, not the library
        web3 = AsyncWeb3(provider)
        web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)  # networks of few validators fill that field
        try:
            yield cls(web3, until=asyncio.get_running_loop().time() + seconds)
        finally:
            await provider.disconnect()

    async def id(self) -> int:
        """Return the chain's id, as the node tells it."""
        return await self._asked(self._eth.chain_id)

    async def head(self) -> Block:
        """Return the newest block."""
        return await self._block("latest")

    async def block(self, number: int) -> Block:
        """Return the block of this height on the chain as it is now."""
        return await self._block(number)

    async def has_code(self, contract: bytes) -> bool:
        """Tell whether the published contract lies at this address."""
        code = await self._asked(self._eth.get_code(_address(contract)))
        return hashlib.sha256(code).digest() == draw_anchor().code_sha256

    async def record(self, purpose: Purpose, *, at: int) -> Record:
        """Return what the contract keeps for the purpose, as of a block."""
        functions = self._eth.contract(_address(purpose.place.contract), abi=draw_anchor().abi).functions
        sender, raffle_id = _address(purpose.place.sender), purpose.raffle_id.bytes
        is_rules = isinstance(purpose, RulesAnchor)
        of = (sender, raffle_id, purpose.version) if is_rules else (sender, raffle_id)
        read = functions.rules_of(*of) if is_rules else functions.receipt_of(*of)
        return Record(*await self._asked(read.call(block_identifier=at)))

    async def spent_nonces(self, sender: bytes, *, at: int) -> int:
        """Return how many transactions of the sender the chain holds, as of a block: its next nonce there."""
        return await self._asked(self._eth.get_transaction_count(_address(sender), at))

    async def promised_nonces(self, sender: bytes) -> int:
        """Return the sender's next nonce once all has been mined that the node holds ready."""
        return await self._asked(self._eth.get_transaction_count(_address(sender), "pending"))

    async def inclusion(self, transaction_hash: bytes) -> Inclusion | None:
        """Return where a transaction was included; None where it was not, or no longer is."""
        try:
            receipt = await self._asked(self._receipt(transaction_hash), unless=TransactionNotFound)
        except TransactionNotFound:
            return None
        block = receipt["blockNumber"], bytes(receipt["blockHash"])
        return Inclusion(transaction_hash, receipt["status"] == 1, *block)

    async def anchoring_transaction(self, purpose: Purpose, *, block_number: int) -> bytes | None:
        """Return the hash of the transaction in this block that anchored the purpose; None where none did."""
        contract = self._eth.contract(_address(purpose.place.contract), abi=draw_anchor().abi)
        wanted = {"sender": _address(purpose.place.sender), "raffle_id": purpose.raffle_id.bytes}
        event = contract.events.RulesAnchored if isinstance(purpose, RulesAnchor) else contract.events.ReceiptAnchored
        logs = await self._asked(
            event().get_logs(from_block=block_number, to_block=block_number, argument_filters=wanted)
        )
        matching = (log for log in logs if log["args"]["version"] == purpose.version)
        return next((bytes(log["transactionHash"]) for log in matching), None)

    async def knows(self, transaction_hash: bytes) -> bool:
        """Tell whether the node holds a transaction, mined or not."""
        try:
            await self._asked(self._eth.get_transaction(HexBytes(transaction_hash)), unless=TransactionNotFound)
        except TransactionNotFound:
            return False
        return True

    async def gas_for(self, place: AnchorPlace, calldata: bytes) -> int:
        """Return what the call would use of gas now.

        Raises:
            CallReverted: the contract would refuse it.
        """
        call: Any = {"from": _address(place.sender), "to": _address(place.contract), "data": calldata}
        try:
            return await self._asked(self._eth.estimate_gas(call), unless=ContractLogicError)
        except ContractLogicError as error:
            raise CallReverted(error.message or "without a reason") from error

    async def usual_priority_fee(self) -> int:
        """Return the tip that the node holds to be usual, in wei for each unit of gas."""
        return await self._asked(self._eth.max_priority_fee)

    async def balance(self, sender: bytes) -> int:
        """Return what the sender has, in wei."""
        return await self._asked(self._eth.get_balance(_address(sender)))

    async def broadcast(self, raw: bytes) -> None:
        """Give a signed transaction to the node; one that it already has is welcome.

        Raises:
            BroadcastRefused: the node did not take it.
        """
        try:
            await self._asked(self._eth.send_raw_transaction(raw), unless=Web3RPCError)
        except Web3RPCError as error:
            if "already" not in str(error).lower():
                raise BroadcastRefused(str(error)) from error

    async def created_contract(self, transaction_hash: bytes) -> bytes | None:
        """Return the address of the contract that a mined transaction has made; None where it made none."""
        receipt = await self._asked(self._receipt(transaction_hash))
        address = receipt["contractAddress"]
        return None if address is None else _bytes(address)

    async def gas_to_create(self, sender: bytes, code: bytes) -> int:
        """Return what creating a contract would use of gas now."""
        return await self._asked(self._eth.estimate_gas({"from": _address(sender), "data": code}))

    def _receipt(self, transaction_hash: bytes) -> Awaitable[TxReceipt]:
        return self._eth.get_transaction_receipt(HexBytes(transaction_hash))

    async def _block(self, which: Any) -> Block:
        found = await self._asked(self._eth.get_block(which))
        hash_, timestamp = bytes(found["hash"]), found["timestamp"]
        return Block(found["number"], hash_, timestamp, found.get("baseFeePerGas", 0))

    async def _asked(self, question: Awaitable[T], *, unless: type[Exception] | tuple[()] = ()) -> T:
        try:
            async with asyncio.timeout_at(self._until):
                return await question
        except unless:
            raise
        except (Web3Exception, *_UNCAUGHT_BY_WEB3) as error:
            raise NodeUnfit(Trouble.NODE_SILENT, type(error).__name__) from error


@cache
def _any_contract() -> Any:
    """Return the contract without an address, to encode calls with: reading its ABI takes a while."""
    return AsyncWeb3().eth.contract(abi=draw_anchor().abi)


def _address(of: bytes) -> Any:
    return AsyncWeb3.to_checksum_address(of)


def _bytes(digits: str) -> bytes:
    return bytes.fromhex(digits.removeprefix("0x"))
