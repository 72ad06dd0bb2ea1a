"""One step of an anchor: read the chain, send again what is stored, and sign only if nothing stored can be mined."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from luxewin.modules.raffles.anchors.chain import (
    Block,
    BroadcastRejected,
    CallReverted,
    Chain,
    Inclusion,
    NodeUnusable,
    Record,
    calldata_of,
)
from luxewin.modules.raffles.anchors.limits import Fees, Limits
from luxewin.modules.raffles.anchors.protocol import AnchorStore, NonceTaken
from luxewin.modules.raffles.anchors.signing import Sender
from luxewin.modules.raffles.domain.anchoring import (
    AnchorConflict,
    Anchored,
    AnchorMissed,
    AnchorPending,
    AnchorProblem,
    AnchorState,
    Purpose,
    SignedAnchor,
    Stage,
    TransactionState,
    stage_of,
)

_GAS_LIMIT_RATIO = (5, 4)
"""The gas limit of a transaction, as a ratio of its estimate."""
_MAX_EARLIER_NONCES = 16
"""Maximum number of earlier nonces whose transactions are sent again in one step."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A transaction to be signed."""

    purpose: str
    raffle_id: UUID
    nonce: int
    calldata: bytes
    gas: int


class Step:
    """A step of one purpose through one node. It can be interrupted anywhere, and repeated."""

    def __init__(
        self, purpose: Purpose, *, chain: Chain, store: AnchorStore, sender: Sender, limits: Limits, now: int
    ) -> None:
        self._purpose = purpose
        self._location = purpose.location
        self._chain = chain
        self._store = store
        self._sender = sender
        self._limits = limits
        self._now = now
        self._calldata = calldata_of(purpose)

    async def run(self, *, read_only: bool = False) -> AnchorState:
        """Take the step, and return the state of the anchor; if `read_only`, nothing is signed or sent.

        Raises:
            NodeUnusable: the node cannot be used; nothing was signed because of its answers.
        """
        rows = await self._store.of_purpose(self._purpose.raffle_id, self._purpose.key)
        other = next((row for row in rows if (row.calldata, row.location) != (self._calldata, self._location)), None)
        if other is not None:
            return AnchorConflict(expected=self._calldata, found=other.calldata)
        head = await self._verified_head()
        record = await self._chain.record(self._purpose, at=head.number)
        if record.matches(self._purpose):
            return await self._recorded_state(record, rows, head)
        if record.exists:
            return AnchorConflict(expected=self._purpose.hash, found=record.hash)
        if head.timestamp >= self._purpose.deadline:
            return await self._state_after_deadline(rows, head)
        if read_only:
            return AnchorPending(stage_of(rows))
        return await self._send_or_sign(rows, head)

    async def _verified_head(self) -> Block:
        """Return the newest block, after checking the chain's id, the contract's code and the block's age."""
        if (chain_id := await self._chain.id()) != self._location.chain_id:
            raise NodeUnusable(AnchorProblem.WRONG_CHAIN, f"the node serves chain {chain_id}")
        head = await self._chain.head()
        if head.timestamp < self._now - self._limits.stale_seconds:
            raise NodeUnusable(AnchorProblem.STALE_HEAD, f"its newest block is {self._now - head.timestamp} s old")
        if not await self._chain.has_code(self._location.contract):
            raise NodeUnusable(AnchorProblem.NO_CONTRACT, "the published contract is not at its address")
        return head

    async def _recorded_state(self, record: Record, rows: Sequence[SignedAnchor], head: Block) -> AnchorState:
        """Return the state of an anchor that the contract has: find its transaction, and count its confirmations."""
        inclusion = await self._find_inclusion(record, rows)
        if inclusion is None:
            return AnchorPending(Stage.MINED, problem=AnchorProblem.TRANSACTION_UNKNOWN)
        confirmations = max(0, head.number - inclusion.block_number + 1)
        if confirmations < self._limits.confirmations:
            await self._mark_all(rows, inclusion, TransactionState.MINED)
            return AnchorPending(Stage.MINED, confirmations)
        block = await self._chain.block(inclusion.block_number)
        if (block.hash, block.timestamp) != (inclusion.block_hash, record.block_timestamp):
            return AnchorPending(Stage.MINED)  # the chain was reorganised between two requests
        await self._mark_all(rows, inclusion, TransactionState.CONFIRMED)
        return Anchored(
            location=self._location,
            transaction_hash=inclusion.transaction_hash,
            block_number=block.number,
            block_hash=block.hash,
            block_timestamp=block.timestamp,
        )

    async def _find_inclusion(self, record: Record, rows: Sequence[SignedAnchor]) -> Inclusion | None:
        for row in rows:
            found = await self._chain.inclusion(row.hash)
            if found is not None and found.succeeded:
                return found
        # The stored transaction was lost, for example by restoring a backup; the contract's record names the block.
        lost = await self._chain.anchoring_transaction(self._purpose, block_number=record.block_number)
        return None if lost is None else await self._chain.inclusion(lost)

    async def _mark_all(self, rows: Sequence[SignedAnchor], inclusion: Inclusion, state: TransactionState) -> None:
        for row in rows:
            if row.hash == inclusion.transaction_hash:
                await self._mark(row, state)
            elif state is TransactionState.CONFIRMED and row.state is not TransactionState.FAILED:
                await self._mark(row, TransactionState.REPLACED)

    async def _state_after_deadline(self, rows: Sequence[SignedAnchor], head: Block) -> AnchorState:
        """Return the state of an anchor after its deadline: missed once a block after the deadline is confirmed."""
        confirmed = await self._chain.block(self._confirmed_number(head))
        if confirmed.timestamp >= self._purpose.deadline:
            return AnchorMissed(self._purpose.deadline, head.timestamp)
        return AnchorPending(stage_of(rows), problem=AnchorProblem.DEADLINE_PASSED)

    async def _send_or_sign(self, rows: Sequence[SignedAnchor], head: Block) -> AnchorState:
        """Send the stored transactions that can still be mined; sign a new one if none can."""
        mined = await self._chain.mined_nonce(self._location.sender, at=head.number)
        live = [row for row in rows if row.nonce >= mined]
        if live:
            lowest = min(row.nonce for row in live)
            return await self._send_in_order([row for row in live if row.nonce == lowest], mined, head)
        if rows:
            settled = await self._chain.mined_nonce(self._location.sender, at=self._confirmed_number(head))
            if any(row.nonce >= settled for row in rows):
                detail = "waits until that is confirmed"
                return AnchorPending(stage_of(rows), problem=AnchorProblem.NONCE_TAKEN, detail=detail)
            for row in rows:
                failed = await self._chain.inclusion(row.hash) is not None
                await self._mark(row, TransactionState.FAILED if failed else TransactionState.REPLACED)
        return await self._sign_new(head)

    async def _send_in_order(self, rows: Sequence[SignedAnchor], mined: int, head: Block) -> AnchorState:
        """Send the purpose's own transaction, after those with earlier nonces, which have to be mined before it."""
        own = _highest_fee(rows)
        unknown = []
        for nonce in range(mined, min(own.nonce, mined + _MAX_EARLIER_NONCES)):
            stored = await self._store.with_nonce(self._location, nonce)
            if stored:
                await self._send_or_replace(_highest_fee(stored), head, is_next=nonce == mined)
            else:
                unknown.append(nonce)
        state = await self._send_or_replace(own, head, is_next=own.nonce == mined)
        missing = await self._missing_nonces(unknown, own)
        if not missing:
            return state
        detail = f"no transaction is known with nonce {', '.join(map(str, missing))}"
        return replace(state, problem=AnchorProblem.NONCE_GAP, detail=detail)

    async def _missing_nonces(self, unknown: Sequence[int], own: SignedAnchor) -> list[int]:
        """Return the nonces that are not stored and, for a limited time, not in the node's pool either."""
        if not unknown:
            return []
        is_recent = self._now - own.signed_at < self._limits.bump_seconds
        pending = await self._chain.pending_nonce(self._location.sender) if is_recent else 0
        return [nonce for nonce in unknown if nonce >= pending]

    async def _send_or_replace(self, row: SignedAnchor, head: Block, *, is_next: bool) -> AnchorPending:
        """Send a transaction; if it could have been mined and is waiting too long, replace it with higher fees."""
        if not is_next or self._now - row.signed_at < self._limits.bump_seconds:
            return await self._send(row)
        usual = await self._current_fees(head)
        fees = usual and self._limits.raised_fees(Fees(row.max_fee_wei, row.priority_fee_wei), usual=usual)
        if fees:
            return await self._sign_and_send(row, fees)
        state = await self._send(row)
        return replace(state, problem=state.problem or AnchorProblem.FEE_LIMIT)

    async def _sign_new(self, head: Block) -> AnchorState:
        """Sign with the next free nonce, after checking that the contract would accept the call."""
        try:
            gas = await self._chain.gas_for(self._location, self._calldata)
        except CallReverted as error:
            return AnchorPending(Stage.UNSIGNED, problem=AnchorProblem.REFUSED, detail=str(error))
        fees = await self._current_fees(head)
        if fees is None:
            return AnchorPending(Stage.UNSIGNED, problem=AnchorProblem.FEE_LIMIT)
        gas = gas * _GAS_LIMIT_RATIO[0] // _GAS_LIMIT_RATIO[1]
        if await self._chain.balance(self._location.sender) < gas * fees.max_fee_wei:
            return AnchorPending(Stage.UNSIGNED, problem=AnchorProblem.OUT_OF_FUNDS)
        pending = await self._chain.pending_nonce(self._location.sender)
        stored = await self._store.highest_nonce(self._location)
        nonce = pending if stored is None else max(pending, stored + 1)
        draft = _Draft(self._purpose.key, self._purpose.raffle_id, nonce, self._calldata, gas)
        return await self._sign_and_send(draft, fees)

    async def _sign_and_send(self, draft: _Draft | SignedAnchor, fees: Fees) -> AnchorPending:
        """Sign and store a transaction, and only then send it."""
        signed = await self._sender.sign(
            to=self._location.contract,
            data=draft.calldata,
            chain_id=self._location.chain_id,
            nonce=draft.nonce,
            gas=draft.gas,
            fees=fees,
        )
        row = SignedAnchor(
            hash=signed.hash,
            raw=signed.raw,
            purpose=draft.purpose,
            raffle_id=draft.raffle_id,
            location=self._location,
            nonce=draft.nonce,
            calldata=draft.calldata,
            gas=draft.gas,
            max_fee_wei=fees.max_fee_wei,
            priority_fee_wei=fees.priority_fee_wei,
            signed_at=self._now,
        )
        try:
            await self._store.save(row)
        except NonceTaken:
            detail = "another anchor took the nonce first"
            return AnchorPending(Stage.UNSIGNED, problem=AnchorProblem.NONCE_TAKEN, detail=detail)
        return await self._send(row)

    async def _send(self, row: SignedAnchor) -> AnchorPending:
        """Send a stored transaction to the node, unless the node has it."""
        if not await self._chain.has_transaction(row.hash):
            try:
                await self._chain.broadcast(row.raw)
            except BroadcastRejected as error:
                return AnchorPending(Stage.SIGNED, problem=AnchorProblem.NOT_ACCEPTED, detail=str(error))
        await self._mark(row, TransactionState.SENT)
        return AnchorPending(Stage.SENT)

    def _confirmed_number(self, head: Block) -> int:
        """Return the number of the newest block that has the required confirmations."""
        return max(0, head.number - self._limits.confirmations + 1)

    async def _current_fees(self, head: Block) -> Fees | None:
        priority = await self._chain.usual_priority_fee()
        return self._limits.initial_fees(base_fee_wei=head.base_fee_wei, priority_fee_wei=priority)

    async def _mark(self, row: SignedAnchor, state: TransactionState) -> None:
        if row.state is not state:
            await self._store.mark(row.hash, state)


def _highest_fee(rows: Sequence[SignedAnchor]) -> SignedAnchor:
    """Return the transaction with the highest fee; a node keeps it if several have the same nonce."""
    return max(rows, key=lambda row: row.max_fee_wei)
