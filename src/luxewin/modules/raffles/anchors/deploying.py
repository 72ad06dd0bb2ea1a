"""Deploying the published contract on a chain. This file imports web3, which is slow: import it late."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from luxewin.modules.raffles.anchors.artefact import draw_anchor
from luxewin.modules.raffles.anchors.chain import BroadcastRejected, Chain, Inclusion, NodeUnusable
from luxewin.modules.raffles.anchors.limits import Limits
from luxewin.modules.raffles.anchors.signing import CONTRACT_CREATION, Sender, SignedTransaction

MAX_WAIT_SECONDS = 900
_POLL_SECONDS = 1.0


class DeploymentFailed(Exception):
    """The contract was not deployed, or not found afterwards; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed contract: its address, and the transaction and block that created it."""

    contract: bytes
    transaction_hash: bytes
    block_number: int


@dataclass(frozen=True, slots=True)
class Deployer:
    """Deploys the contract through the first node that serves the chain; `report` is called with a line per step."""

    urls: tuple[SecretStr, ...]
    chain_id: int
    private_key: SecretStr
    limits: Limits
    report: Callable[[str], None]

    async def deploy(self) -> Deployment:
        """Sign and send the transaction, wait for its confirmations, and compare the deployed code with the artefact.

        Raises:
            DeploymentFailed: no node serves the chain, the fee is too high, the transaction failed, or the deployed
                code is not the published one.
        """
        sender = Sender.of(self.private_key)
        async with self._connect() as chain:
            signed = await self._sign(chain, sender)
            self.report(f"Sending transaction 0x{signed.hash.hex()} from 0x{sender.address.hex()}")
            try:
                await chain.broadcast(signed.raw)
            except BroadcastRejected as error:
                raise DeploymentFailed(f"the node rejects the transaction: {error}") from error
            inclusion = await self._wait_until_final(chain, signed)
            contract = await chain.created_contract(signed.hash)
            if contract is None or not await chain.has_code(contract):
                raise DeploymentFailed("the deployed code is not the published one")
        return Deployment(contract, signed.hash, inclusion.block_number)

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Chain]:
        url = await self._usable_url()
        async with Chain.connect(url.get_secret_value(), seconds=MAX_WAIT_SECONDS) as chain:
            try:
                yield chain
            except NodeUnusable as error:
                raise DeploymentFailed(f"the node no longer answers: {error.detail}") from error

    async def _usable_url(self) -> SecretStr:
        """Return the address of the first node that serves the chain.

        Raises:
            DeploymentFailed: none does; the message has the reason of each.
        """
        reasons = []
        for url in self.urls:
            try:
                async with Chain.connect(url.get_secret_value(), seconds=self.limits.step_seconds) as chain:
                    chain_id = await chain.id()
            except NodeUnusable as error:
                reasons.append(error.detail)
                continue
            if chain_id == self.chain_id:
                return url
            reasons.append(f"it serves chain {chain_id}, not {self.chain_id}")
        raise DeploymentFailed(f"no node can be used: {', '.join(reasons)}")

    async def _sign(self, chain: Chain, sender: Sender) -> SignedTransaction:
        code = draw_anchor().creation_code
        head, gas = await chain.head(), await chain.gas_to_create(sender.address, code)
        priority_fee = await chain.usual_priority_fee()
        fees = self.limits.initial_fees(base_fee_wei=head.base_fee_wei, priority_fee_wei=priority_fee)
        if fees is None:
            raise DeploymentFailed("the fees of the chain are above LUXEWIN_ANCHOR_MAX_FEE_GWEI")
        if await chain.balance(sender.address) < gas * fees.max_fee_wei:
            raise DeploymentFailed(f"0x{sender.address.hex()} has not enough ether for {gas} gas")
        nonce = await chain.pending_nonce(sender.address)
        return await sender.sign(
            to=CONTRACT_CREATION, data=code, chain_id=self.chain_id, nonce=nonce, gas=gas, fees=fees
        )

    async def _wait_until_final(self, chain: Chain, signed: SignedTransaction) -> Inclusion:
        """Wait until the transaction has its confirmations; the connection's time limit ends the wait."""
        reported = -1
        while True:
            inclusion, head = await chain.inclusion(signed.hash), await chain.head()
            depth = 0 if inclusion is None else head.number - inclusion.block_number + 1
            if depth != reported:
                self.report(f"{min(depth, self.limits.confirmations)} of {self.limits.confirmations} blocks")
            if inclusion is not None and not inclusion.succeeded:
                raise DeploymentFailed("the transaction failed")
            if inclusion is not None and depth >= self.limits.confirmations:
                return inclusion
            reported = depth
            await asyncio.sleep(_POLL_SECONDS)
