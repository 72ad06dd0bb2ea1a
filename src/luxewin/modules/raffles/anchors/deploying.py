"""Putting the published contract on a chain, once. This file brings web3 in: import it late."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from luxewin.modules.raffles.anchors.artefact import draw_anchor
from luxewin.modules.raffles.anchors.chain import BroadcastRefused, Chain, Inclusion, NodeUnfit
from luxewin.modules.raffles.anchors.limits import Limits
from luxewin.modules.raffles.anchors.signing import NO_WAY, Sender, Signed

LONGEST_WAIT_SECONDS = 900
_PAUSE_SECONDS = 1.0


class DeploymentRefused(Exception):
    """The contract cannot be deployed, or not be found afterwards; the message says why."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the contract lies now."""

    contract: bytes
    transaction_hash: bytes
    block_number: int


@dataclass(frozen=True, slots=True)
class Deployer:
    """Deploys through the first node that serves the right chain; `tell` is given a line for each thing done."""

    urls: tuple[SecretStr, ...]
    chain_id: int
    private_key: SecretStr
    limits: Limits
    tell: Callable[[str], None]

    async def deploy(self) -> Deployment:
        """Sign, send, wait until it is final, and compare what lies on the chain with what was compiled.

        Raises:
            DeploymentRefused: no node serves the chain, the fee is too high, the transaction failed, or other code than
                the published one lies there.
        """
        sender = Sender.of(self.private_key)
        async with self._visited() as chain:
            signed = await self._signed(chain, sender)
            self.tell(f"Sending transaction 0x{signed.hash.hex()} from 0x{sender.address.hex()}")
            try:
                await chain.broadcast(signed.raw)
            except BroadcastRefused as refused:
                raise DeploymentRefused(f"the node refuses the transaction: {refused}") from refused
            inclusion = await self._final(chain, signed)
            contract = await chain.created_contract(signed.hash)
            if contract is None or not await chain.has_code(contract):
                raise DeploymentRefused("other code than the published one lies on the chain")
        return Deployment(contract, signed.hash, inclusion.block_number)

    @asynccontextmanager
    async def _visited(self) -> AsyncIterator[Chain]:
        reasons = []
        for url in self.urls:
            try:
                async with Chain.visited(url.get_secret_value(), seconds=self.limits.step_seconds) as chain:
                    served = await chain.id()
            except NodeUnfit as unfit:
                reasons.append(unfit.detail)
                continue
            if served == self.chain_id:
                break
            reasons.append(f"it serves chain {served}, not {self.chain_id}")
        else:
            raise DeploymentRefused(f"no node is fit: {', '.join(reasons)}")
        async with Chain.visited(url.get_secret_value(), seconds=LONGEST_WAIT_SECONDS) as chain:
            try:
                yield chain
            except NodeUnfit as unfit:
                raise DeploymentRefused(f"the node has stopped to answer: {unfit.detail}") from unfit

    async def _signed(self, chain: Chain, sender: Sender) -> Signed:
        code = draw_anchor().creation_code
        head, gas = await chain.head(), await chain.gas_to_create(sender.address, code)
        fees = self.limits.fees(base_fee_wei=head.base_fee_wei, priority_fee_wei=await chain.usual_priority_fee())
        if fees is None:
            raise DeploymentRefused("the chain asks for more than LUXEWIN_ANCHOR_MAX_FEE_GWEI")
        if await chain.balance(sender.address) < gas * fees.max_fee_wei:
            raise DeploymentRefused(f"0x{sender.address.hex()} has not enough ether for {gas} gas")
        nonce = await chain.promised_nonces(sender.address)
        return await sender.signed(to=NO_WAY, data=code, chain_id=self.chain_id, nonce=nonce, gas=gas, fees=fees)

    async def _final(self, chain: Chain, signed: Signed) -> Inclusion:
        """Wait until the transaction lies deep enough; the visit's time is the limit."""
        told = -1
        while True:
            inclusion, head = await chain.inclusion(signed.hash), await chain.head()
            depth = 0 if inclusion is None else head.number - inclusion.block_number + 1
            if depth != told:
                self.tell(f"{min(depth, self.limits.confirmations)} of {self.limits.confirmations} blocks")
            if inclusion is not None and not inclusion.succeeded:
                raise DeploymentRefused("the transaction failed")
            if inclusion is not None and depth >= self.limits.confirmations:
                return inclusion
            told = depth
            await asyncio.sleep(_PAUSE_SECONDS)
