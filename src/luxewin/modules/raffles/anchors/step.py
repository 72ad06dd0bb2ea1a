"""One step of an anchor: the chain decides, what is stored is sent again, and only what is missing is signed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from luxewin.modules.raffles.anchors.chain import (
    Block,
    BroadcastRefused,
    CallReverted,
    Chain,
    Inclusion,
    NodeUnfit,
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
    AnchorState,
    Purpose,
    SignedAnchor,
    Stage,
    TransactionState,
    Trouble,
    stage_of,
)

_GAS_TO_SPARE = (5, 4)
_MOST_NONCES_BEFORE = 16
"""As many transactions of other purposes are moved on in one step, at most."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is to be signed."""

    purpose: str
    raffle_id: UUID
    nonce: int
    calldata: bytes
    gas: int


class Step:
    """A step of one purpose with one node. Any part of it may be interrupted, and all of it be repeated."""

    def __init__(
        self, purpose: Purpose, *, chain: Chain, store: AnchorStore, sender: Sender, limits: Limits, now: int
    ) -> None:
        self._purpose = purpose
        self._place = purpose.place
        self._chain = chain
        self._store = store
        self._sender = sender
        self._limits = limits
        self._now = now
        self._calldata = calldata_of(purpose)

    async def taken(self, *, only_look: bool = False) -> AnchorState:
        """Take the step.

        Raises:
            NodeUnfit: the node cannot be relied on; nothing was signed because of what it said.
        """
        rows = await self._store.of(self._purpose.raffle_id, self._purpose.key)
        other = next((row for row in rows if (row.calldata, row.place) != (self._calldata, self._place)), None)
        if other is not None:
            return AnchorConflict(expected=self._calldata, found=other.calldata)
        head = await self._recognised_head()
        record = await self._chain.record(self._purpose, at=head.number)
        if record.says(self._purpose):
            return await self._standing(record, rows, head)
        if record.exists:
            return AnchorConflict(expected=self._purpose.hash, found=record.hash)
        if head.timestamp >= self._purpose.deadline:
            return await self._late(rows, head)
        if only_look:
            return AnchorPending(stage_of(rows))
        return await self._closer(rows, head)

    async def _recognised_head(self) -> Block:
        """Return the newest block, once it is sure that chain and contract are the right ones, and up to date."""
        if (chain_id := await self._chain.id()) != self._place.chain_id:
            raise NodeUnfit(Trouble.WRONG_CHAIN, f"the node serves chain {chain_id}")
        head = await self._chain.head()
        if head.timestamp < self._now - self._limits.stale_seconds:
            raise NodeUnfit(Trouble.STALE_HEAD, f"its newest block is {self._now - head.timestamp} s old")
        if not await self._chain.has_code(self._place.contract):
            raise NodeUnfit(Trouble.NO_CONTRACT, "the published contract is not at its address")
        return head

    async def _standing(self, record: Record, rows: Sequence[SignedAnchor], head: Block) -> AnchorState:
        """It is on the chain: find its transaction, and wait until it lies deep enough."""
        inclusion = await self._inclusion(record, rows)
        if inclusion is None:
            return AnchorPending(Stage.MINED, trouble=Trouble.TRANSACTION_UNKNOWN)
        confirmations = max(0, head.number - inclusion.block_number + 1)
        if confirmations < self._limits.confirmations:
            await self._note(rows, inclusion, TransactionState.MINED)
            return AnchorPending(Stage.MINED, confirmations)
        block = await self._chain.block(inclusion.block_number)
        if (block.hash, block.timestamp) != (inclusion.block_hash, record.block_timestamp):
            return AnchorPending(Stage.MINED)  # the chain was reorganised between two questions
        await self._note(rows, inclusion, TransactionState.CONFIRMED)
        return Anchored(
            place=self._place,
            transaction_hash=inclusion.transaction_hash,
            block_number=block.number,
            block_hash=block.hash,
            block_timestamp=block.timestamp,
        )

    async def _inclusion(self, record: Record, rows: Sequence[SignedAnchor]) -> Inclusion | None:
        for row in rows:
            found = await self._chain.inclusion(row.hash)
            if found is not None and found.succeeded:
                return found
        # What was stored has been lost, in a restored backup say: the contract remembers the block.
        lost = await self._chain.anchoring_transaction(self._purpose, block_number=record.block_number)
        return None if lost is None else await self._chain.inclusion(lost)

    async def _note(self, rows: Sequence[SignedAnchor], inclusion: Inclusion, state: TransactionState) -> None:
        for row in rows:
            if row.hash == inclusion.transaction_hash:
                await self._mark(row, state)
            elif state is TransactionState.CONFIRMED and row.state is not TransactionState.FAILED:
                await self._mark(row, TransactionState.REPLACED)

    async def _late(self, rows: Sequence[SignedAnchor], head: Block) -> AnchorState:
        """No block from here on can take it; it is missed once no reorganisation can bring it back."""
        deep = await self._chain.block(max(0, head.number - self._limits.confirmations + 1))
        if deep.timestamp >= self._purpose.deadline:
            return AnchorMissed(self._purpose.deadline, head.timestamp)
        return AnchorPending(stage_of(rows), trouble=Trouble.DEADLINE_PASSED)

    async def _closer(self, rows: Sequence[SignedAnchor], head: Block) -> AnchorState:
        """It is not on the chain: send what may still be mined, or sign where nothing stored can be any more."""
        spent = await self._chain.spent_nonces(self._place.sender, at=head.number)
        live = [row for row in rows if row.nonce >= spent]
        if live:
            lowest = min(row.nonce for row in live)
            return await self._pushed([row for row in live if row.nonce == lowest], spent, head)
        if rows:
            deep = max(0, head.number - self._limits.confirmations + 1)
            settled = await self._chain.spent_nonces(self._place.sender, at=deep)
            if any(row.nonce >= settled for row in rows):
                return AnchorPending(stage_of(rows), trouble=Trouble.NONCE_TAKEN, detail="waits until that is certain")
            for row in rows:
                failed = await self._chain.inclusion(row.hash) is not None
                await self._mark(row, TransactionState.FAILED if failed else TransactionState.REPLACED)
        return await self._signed_anew(head)

    async def _pushed(self, rows: Sequence[SignedAnchor], spent: int, head: Block) -> AnchorState:
        """Keep the stored transaction moving, and those of other purposes that it has to wait for."""
        own = _dearest(rows)
        unknown = []
        for nonce in range(spent, min(own.nonce, spent + _MOST_NONCES_BEFORE)):
            stored = await self._store.at(self._place, nonce)
            if stored:
                await self._kept_moving(_dearest(stored), head, is_next=nonce == spent)
            else:
                unknown.append(nonce)
        state = await self._kept_moving(own, head, is_next=own.nonce == spent)
        if not unknown:
            return state
        # Somebody else may have sent them, and the node may hold them ready; but not for ever.
        patient = self._now - own.signed_at < self._limits.bump_seconds
        promised = await self._chain.promised_nonces(self._place.sender) if patient else 0
        missing = [nonce for nonce in unknown if nonce >= promised]
        if not missing:
            return state
        detail = f"nothing is known with nonce {', '.join(map(str, missing))}"
        return replace(state, trouble=Trouble.NONCE_GAP, detail=detail)

    async def _kept_moving(self, row: SignedAnchor, head: Block, *, is_next: bool) -> AnchorPending:
        """See that the node has a transaction; where it could have been mined and waits for too long, pay more."""
        if not is_next or self._now - row.signed_at < self._limits.bump_seconds:
            return await self._sent(row)
        usual = await self._usual_fees(head)
        fees = usual and self._limits.raised(Fees(row.max_fee_wei, row.priority_fee_wei), usual=usual)
        if fees:
            return await self._stored_and_sent(row, fees)
        state = await self._sent(row)
        return replace(state, trouble=state.trouble or Trouble.FEE_LIMIT)

    async def _signed_anew(self, head: Block) -> AnchorState:
        """Sign under the next free nonce, once it is sure that the contract would take it."""
        try:
            gas = await self._chain.gas_for(self._place, self._calldata)
        except CallReverted as refused:
            return AnchorPending(Stage.UNSIGNED, trouble=Trouble.REFUSED, detail=str(refused))
        fees = await self._usual_fees(head)
        if fees is None:
            return AnchorPending(Stage.UNSIGNED, trouble=Trouble.FEE_LIMIT)
        gas = gas * _GAS_TO_SPARE[0] // _GAS_TO_SPARE[1]
        if await self._chain.balance(self._place.sender) < gas * fees.max_fee_wei:
            return AnchorPending(Stage.UNSIGNED, trouble=Trouble.OUT_OF_FUNDS)
        promised = await self._chain.promised_nonces(self._place.sender)
        stored = await self._store.highest_nonce(self._place)
        nonce = promised if stored is None else max(promised, stored + 1)
        draft = _Draft(self._purpose.key, self._purpose.raffle_id, nonce, self._calldata, gas)
        return await self._stored_and_sent(draft, fees)

    async def _stored_and_sent(self, draft: _Draft | SignedAnchor, fees: Fees) -> AnchorPending:
        """Sign, store, and only then send."""
        signed = await self._sender.signed(
            to=self._place.contract,
            data=draft.calldata,
            chain_id=self._place.chain_id,
            nonce=draft.nonce,
            gas=draft.gas,
            fees=fees,
        )
        row = SignedAnchor(
            hash=signed.hash,
            raw=signed.raw,
            purpose=draft.purpose,
            raffle_id=draft.raffle_id,
            place=self._place,
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
            return AnchorPending(Stage.UNSIGNED, trouble=Trouble.NONCE_TAKEN, detail="another anchor was quicker")
        return await self._sent(row)

    async def _sent(self, row: SignedAnchor) -> AnchorPending:
        """See that the node has the transaction."""
        if not await self._chain.knows(row.hash):
            try:
                await self._chain.broadcast(row.raw)
            except BroadcastRefused as refused:
                return AnchorPending(Stage.SIGNED, trouble=Trouble.NOT_ACCEPTED, detail=str(refused))
        await self._mark(row, TransactionState.SENT)
        return AnchorPending(Stage.SENT)

    async def _usual_fees(self, head: Block) -> Fees | None:
        priority = await self._chain.usual_priority_fee()
        return self._limits.fees(base_fee_wei=head.base_fee_wei, priority_fee_wei=priority)

    async def _mark(self, row: SignedAnchor, state: TransactionState) -> None:
        if row.state is not state:
            await self._store.mark(row.hash, state)


def _dearest(rows: Sequence[SignedAnchor]) -> SignedAnchor:
    """Return the transaction that a node keeps of several with one nonce."""
    return max(rows, key=lambda row: row.max_fee_wei)
