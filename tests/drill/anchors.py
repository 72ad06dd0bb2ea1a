"""Guards of anchors: one transaction per purpose, on the right chain, stored before it is sent."""

from collections.abc import Sequence

from tests.drill.guard import Guard

STEP = "src/luxewin/modules/raffles/anchors/step.py"
TEST_ANCHORING = "tests/chain/test_anchoring.py"
TEST_FAULTS = "tests/chain/test_faults.py"

ANCHORS: Sequence[Guard] = (
    Guard(
        name="an anchor is signed only for its own chain",
        file=STEP,
        guard="!= self._location.chain_id:",
        gone="< 0:",
        tests=[f"{TEST_ANCHORING}::test_on_another_chain_nothing_is_signed"],
    ),
    Guard(
        name="an anchor is sent only to the published contract",
        file=STEP,
        guard="if not await self._chain.has_code(self._location.contract):",
        gone="if await self._chain.has_code(bytes(20)):",
        tests=[f"{TEST_ANCHORING}::test_nothing_is_sent_to_an_address_without_the_published_contract"],
    ),
    Guard(
        name="a second and different anchor is not signed",
        file=STEP,
        guard="if other is not None:",
        gone="if other is not None and not rows:",
        tests=[f"{TEST_ANCHORING}::test_a_second_and_different_anchor_is_not_signed_while_the_first_is_pending"],
    ),
    Guard(
        name="an anchor is stored before it is sent",
        file=STEP,
        guard="            await self._store.save(row)\n",
        gone="            await self._chain.broadcast(row.raw)\n            await self._store.save(row)\n",
        tests=["tests/chain/test_interruptions.py::test_interrupted_at_every_step_it_ends_as_one_transaction"],
    ),
    Guard(
        name="a nonce is given up only once its loss is confirmed",
        file=STEP,
        guard="if any(row.nonce >= settled for row in rows):",
        gone="if any(row.nonce > mined + settled for row in rows):",
        tests=[f"{TEST_FAULTS}::test_a_nonce_taken_by_another_transaction_is_given_up_once_that_is_confirmed"],
    ),
    Guard(
        name="an anchor is missed only once that is confirmed",
        file=STEP,
        guard="if confirmed.timestamp >= self._purpose.deadline:",
        gone="if head.timestamp >= self._purpose.deadline:",
        tests=[f"{TEST_ANCHORING}::test_an_anchor_past_its_deadline_is_missed_once_that_is_confirmed"],
    ),
    Guard(
        name="a node that lags behind is not used",
        file=STEP,
        guard="if head.timestamp < self._now - self._limits.stale_seconds:",
        gone="if head.timestamp < 0:",
        tests=[f"{TEST_FAULTS}::test_a_node_that_lags_behind_is_not_used"],
    ),
)
