"""Anchors on an EVM chain, through any of several nodes."""

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import structlog
from pydantic import SecretStr

from luxewin.modules.raffles.anchors.limits import GWEI, Limits
from luxewin.modules.raffles.anchors.protocol import AnchorStore
from luxewin.modules.raffles.domain.anchoring import (
    AnchorPending,
    AnchorPlace,
    AnchorState,
    Purpose,
    Trouble,
    stage_of,
)
from luxewin.modules.raffles.settings import AnchorSettings

if TYPE_CHECKING:
    from luxewin.modules.raffles.anchors.chain import Chain, NodeUnfit
    from luxewin.modules.raffles.anchors.signing import Sender
    from luxewin.modules.raffles.anchors.step import Step

log = structlog.get_logger(__name__)


class _Parts(NamedTuple):
    """What takes a second to import."""

    chain: "type[Chain]"
    sender: "type[Sender]"
    step: "type[Step]"
    unfit: "type[NodeUnfit]"


class EvmAnchors:
    """The contract that the settings name. Nothing is imported, and no node is asked, before the first call."""

    def __init__(
        self, *, urls: tuple[SecretStr, ...], chain_id: int, contract: bytes, private_key: SecretStr, limits: Limits
    ) -> None:
        assert urls, "the settings demand a node"
        self._urls = [url.get_secret_value() for url in urls]
        self._chain_id = chain_id
        self._contract = contract
        self._private_key = private_key
        self._limits = limits

    @classmethod
    def of(cls, settings: AnchorSettings) -> "EvmAnchors | None":
        """Return the anchors that are configured; None where none are."""
        if settings.contract is None or settings.chain_id is None or settings.private_key is None:
            return None
        return cls(
            urls=settings.rpc_urls,
            chain_id=settings.chain_id,
            contract=bytes.fromhex(settings.contract.removeprefix("0x")),
            private_key=settings.private_key,
            limits=limits_of(settings),
        )

    async def place(self) -> AnchorPlace:
        """Return where anchors are written now."""
        sender = (await _parts()).sender.of(self._private_key)
        return AnchorPlace(chain_id=self._chain_id, contract=self._contract, sender=sender.address)

    async def advance(self, purpose: Purpose, *, store: AnchorStore, now: int) -> AnchorState:
        """Take one step, with the first node that can serve; see the protocol for what is promised."""
        return await self._step(purpose, store=store, now=now, only_look=False)

    async def look_up(self, purpose: Purpose, *, store: AnchorStore, now: int) -> AnchorState:
        """Tell how an anchor stands, and sign nothing."""
        return await self._step(purpose, store=store, now=now, only_look=True)

    async def _step(self, purpose: Purpose, *, store: AnchorStore, now: int, only_look: bool) -> AnchorState:
        parts = await _parts()
        sender = parts.sender.of(self._private_key)
        if purpose.place != await self.place():
            stage = stage_of(await store.of(purpose.raffle_id, purpose.key))
            return AnchorPending(stage, trouble=Trouble.OTHER_PLACE, detail="the settings name another")
        unfit = []
        for number, url in enumerate(self._urls, 1):
            try:
                async with parts.chain.visited(url, seconds=self._limits.step_seconds) as chain:
                    step = parts.step(purpose, chain=chain, store=store, sender=sender, limits=self._limits, now=now)
                    return await step.taken(only_look=only_look)
            except parts.unfit as error:
                log.warning("anchor.node_unfit", node=number, trouble=error.trouble.value, detail=error.detail)
                unfit.append(error)
        stage = stage_of(await store.of(purpose.raffle_id, purpose.key))
        gravest = min(unfit, key=lambda error: list(Trouble).index(error.trouble))
        return AnchorPending(stage, trouble=gravest.trouble, detail=gravest.detail)


def limits_of(settings: AnchorSettings) -> Limits:
    """Return how far the settings let an anchor go."""
    return Limits(
        confirmations=settings.confirmations,
        max_fee_wei=int(settings.max_fee_gwei * GWEI),
        bump_seconds=settings.bump_seconds,
        stale_seconds=settings.stale_seconds,
        step_seconds=settings.timeout_seconds,
    )


async def _parts() -> _Parts:
    """Import what speaks to the chain, off the event loop: it takes a second the first time."""
    return await asyncio.to_thread(_imported)


def _imported() -> _Parts:
    from luxewin.modules.raffles.anchors.chain import Chain, NodeUnfit  # noqa: PLC0415 - web3 takes a second to import
    from luxewin.modules.raffles.anchors.signing import Sender  # noqa: PLC0415 - as web3
    from luxewin.modules.raffles.anchors.step import Step  # noqa: PLC0415 - as web3

    return _Parts(Chain, Sender, Step, NodeUnfit)
