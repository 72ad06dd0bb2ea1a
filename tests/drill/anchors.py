"""Guards of anchors: one for a purpose, on the right chain, stored before it is sent, missed only for certain."""

from collections.abc import Sequence

from tests.drill.guard import Guard

STEP = "src/luxewin/modules/raffles/anchors/step.py"
TEST_ANCHORING = "tests/chain/test_anchoring.py"
TEST_FAULTS = "tests/chain/test_faults.py"

ANCHORS: Sequence[Guard] = (
    Guard(
        name="an anchor is signed for its own chain alone",
        file=STEP,
        guard="!= self._place.chain_id:",
        gone="< 0:",
        tests=[f"{TEST_ANCHORING}::test_another_chain_is_refused_before_anything_is_signed"],
    ),
    Guard(
        name="an anchor goes to the published contract alone",
        file=STEP,
        guard="if not await self._chain.has_code(self._place.contract):",
        gone="if await self._chain.has_code(bytes(20)):",
        tests=[f"{TEST_ANCHORING}::test_nothing_is_sent_to_an_address_without_the_published_contract"],
    ),
    Guard(
        name="a second and different anchor is never signed",
        file=STEP,
        guard="if other is not None:",
        gone="if other is not None and not rows:",
        tests=[f"{TEST_ANCHORING}::test_a_second_and_different_anchor_is_never_signed_even_while_the_first_waits"],
    ),
    Guard(
        name="an anchor is stored before it is sent",
        file=STEP,
        guard="            await self._store.save(row)\n",
        gone="            await self._chain.broadcast(row.raw)\n            await self._store.save(row)\n",
        tests=["tests/chain/test_cuts.py::test_killed_at_every_step_it_ends_as_one_transaction"],
    ),
    Guard(
        name="a nonce is given up only once it is spent for certain",
        file=STEP,
        guard="if any(row.nonce >= settled for row in rows):",
        gone="if any(row.nonce > spent + settled for row in rows):",
        tests=[f"{TEST_FAULTS}::test_a_nonce_that_somebody_else_has_spent_is_left_once_that_is_certain"],
    ),
    Guard(
        name="an anchor is missed only once no reorganisation can bring it back",
        file=STEP,
        guard="if deep.timestamp >= self._purpose.deadline:",
        gone="if head.timestamp >= self._purpose.deadline:",
        tests=[f"{TEST_ANCHORING}::test_what_comes_too_late_is_missed_once_no_reorganisation_can_bring_it_back"],
    ),
    Guard(
        name="a node that lags behind is not believed",
        file=STEP,
        guard="if head.timestamp < self._now - self._limits.stale_seconds:",
        gone="if head.timestamp < 0:",
        tests=[f"{TEST_FAULTS}::test_a_node_that_lags_behind_is_not_believed"],
    ),
)
