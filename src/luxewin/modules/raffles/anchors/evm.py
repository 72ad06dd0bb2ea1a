"""Anchors on an EVM chain, through any of several nodes."""

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import structlog
from pydantic import SecretStr

from luxewin.modules.raffles.anchors.limits import GWEI, Limits
from luxewin.modules.raffles.anchors.protocol import AnchorStore
from luxewin.modules.raffles.domain.anchoring import (
    AnchorLocation,
    AnchorPending,
    AnchorProblem,
    AnchorState,
    Purpose,
    stage_of,
)
from luxewin.modules.raffles.settings import AnchorSettings

if TYPE_CHECKING:
    from luxewin.modules.raffles.anchors.chain import Chain, NodeUnusable
    from luxewin.modules.raffles.anchors.signing import Sender
    from luxewin.modules.raffles.anchors.step import Step

log = structlog.get_logger(__name__)


class _LateImports(NamedTuple):
    """The classes whose modules import web3, which takes a second."""

    chain: "type[Chain]"
    sender: "type[Sender]"
    step: "type[Step]"
    node_unusable: "type[NodeUnusable]"


class EvmAnchors:
    """Anchors in the contract that the settings name; web3 is imported at the first call."""

    def __init__(
        self, *, urls: tuple[SecretStr, ...], chain_id: int, contract: bytes, private_key: SecretStr, limits: Limits
    ) -> None:
        assert urls, "the settings require at least one node"
        self._urls = [url.get_secret_value() for url in urls]
        self._chain_id = chain_id
        self._contract = contract
        self._private_key = private_key
        self._limits = limits

    @classmethod
    def of(cls, settings: AnchorSettings) -> "EvmAnchors | None":
        """Return the anchors that the settings configure; None if they configure none."""
        if settings.contract is None or settings.chain_id is None or settings.private_key is None:
            return None
        return cls(
            urls=settings.rpc_urls,
            chain_id=settings.chain_id,
            contract=bytes.fromhex(settings.contract.removeprefix("0x")),
            private_key=settings.private_key,
            limits=limits_of(settings),
        )

    async def location(self) -> AnchorLocation:
        """Return the current location of anchors."""
        sender = (await _late_imports()).sender.of(self._private_key)
        return AnchorLocation(chain_id=self._chain_id, contract=self._contract, sender=sender.address)

    async def advance(self, purpose: Purpose, *, store: AnchorStore, now: int) -> AnchorState:
        """Take one step through the first usable node; see the protocol."""
        return await self._step(purpose, store=store, now=now, read_only=False)

    async def look_up(self, purpose: Purpose, *, store: AnchorStore, now: int) -> AnchorState:
        """Return the state of an anchor without signing or sending anything."""
        return await self._step(purpose, store=store, now=now, read_only=True)

    async def _step(self, purpose: Purpose, *, store: AnchorStore, now: int, read_only: bool) -> AnchorState:
        classes = await _late_imports()
        sender = classes.sender.of(self._private_key)
        if purpose.location != await self.location():
            stage = stage_of(await store.of_purpose(purpose.raffle_id, purpose.key))
            detail = "the settings name another chain, contract or sender than the rules"
            return AnchorPending(stage, problem=AnchorProblem.OTHER_LOCATION, detail=detail)
        errors = []
        for number, url in enumerate(self._urls, 1):
            try:
                async with classes.chain.connect(url, seconds=self._limits.step_seconds) as chain:
                    step = classes.step(purpose, chain=chain, store=store, sender=sender, limits=self._limits, now=now)
                    return await step.run(read_only=read_only)
            except classes.node_unusable as error:
                log.warning("anchor.node_unusable", node=number, problem=error.problem.value, detail=error.detail)
                errors.append(error)
        stage = stage_of(await store.of_purpose(purpose.raffle_id, purpose.key))
        most_severe = min(errors, key=lambda error: list(AnchorProblem).index(error.problem))
        return AnchorPending(stage, problem=most_severe.problem, detail=most_severe.detail)


def limits_of(settings: AnchorSettings) -> Limits:
    """Return the limits that the settings configure."""
    return Limits(
        confirmations=settings.confirmations,
        max_fee_wei=int(settings.max_fee_gwei * GWEI),
        bump_seconds=settings.bump_seconds,
        stale_seconds=settings.stale_seconds,
        step_seconds=settings.timeout_seconds,
    )


async def _late_imports() -> _LateImports:
    """Import web3 in a thread, since the first import takes a second."""
    return await asyncio.to_thread(_import)


def _import() -> _LateImports:
    from luxewin.modules.raffles.anchors.chain import Chain, NodeUnusable  # noqa: PLC0415 - web3 takes a second to import
    from luxewin.modules.raffles.anchors.signing import Sender  # noqa: PLC0415 - as web3
    from luxewin.modules.raffles.anchors.step import Step  # noqa: PLC0415 - as web3

    return _LateImports(Chain, Sender, Step, NodeUnusable)
