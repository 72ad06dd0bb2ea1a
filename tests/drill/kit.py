"""Guards of the kit: tenancy, writes, idempotency, facts, seals, cursors."""

from collections.abc import Sequence

from tests.drill.guard import Guard

DATABASE = "src/luxewin/kit/database.py"
POOLS = "src/luxewin/kit/pools.py"
SCHEMA = "src/luxewin/kit/schema.py"
IDEMPOTENCY = "src/luxewin/kit/idempotency.py"
LISTENING = "src/luxewin/kit/messaging/listening.py"
RELAY = "src/luxewin/kit/messaging/relay.py"
PAGINATION = "src/luxewin/kit/pagination.py"

KIT: Sequence[Guard] = (
    Guard(
        name="a start that is cancelled leaves nobody at work in its folder",
        file="src/luxewin/kit/cancellation.py",
        guard="            cancelled = again\n",
        gone="            raise again\n",
        tests=[
            "tests/runtime/test_postgres_recovery.py::test_a_cancelled_first_start_ends_after_the_making_of_its_cluster"
        ],
    ),
    Guard(
        name="row security is enabled on tenant tables",
        file=SCHEMA,
        guard='f"ALTER TABLE {table.fullname} ENABLE ROW LEVEL SECURITY",',
        gone='f"ALTER TABLE {table.fullname} DISABLE ROW LEVEL SECURITY",',
        tests=["tests/kit/test_writes.py::test_no_row_of_another_tenant_is_seen_without_any_filter"],
    ),
    Guard(
        name="row security is forced on tenant tables",
        file=SCHEMA,
        guard='f"ALTER TABLE {table.fullname} FORCE ROW LEVEL SECURITY",',
        gone="",
        tests=["tests/invariants/test_schema.py::test_every_law_holds_on_an_empty_installation"],
    ),
    Guard(
        name="a looker faces the tenant it is asked for",
        file=POOLS,
        guard="if self._facing == tenant:",
        gone="if self._facing is not None:",
        tests=["tests/kit/test_looking.py::test_each_look_sees_its_own_tenant_however_they_follow_each_other"],
    ),
    Guard(
        name="a looker writes nothing",
        file=POOLS,
        guard="SET default_transaction_read_only=on;",
        gone="",
        tests=["tests/kit/test_looking.py::test_who_looks_writes_nothing"],
    ),
    Guard(
        name="a write demands its rows",
        file="src/luxewin/kit/functions.sql",
        guard="IF demanded[place] >= 0 AND counted[place] <> demanded[place] THEN",
        gone="IF false THEN",
        tests=["tests/kit/test_writes.py::test_the_first_write_that_falls_short_refuses_them_all"],
    ),
    Guard(
        name="idempotency: the stored response is looked up",
        file=IDEMPOTENCY,
        guard="    if before is not None:\n        return before\n    value = await effect(tx)",
        gone="    value = await effect(tx)",
        tests=["tests/kit/test_idempotency_races.py::test_a_repeated_request_does_not_start_its_effect_again"],
    ),
    Guard(
        name="idempotency: a finished workflow replays its response",
        file=IDEMPOTENCY,
        guard=(
            '    if row is not None and row["status"] == "done":\n'
            '        return Completed(row["intent_id"], _response(row))\n'
        ),
        gone="",
        tests=["tests/kit/test_idempotency_races.py::test_a_finished_workflow_is_not_started_again"],
    ),
    Guard(
        name="idempotency: the request behind a key is compared",
        file=IDEMPOTENCY,
        guard='if row["status"] is not None and row["body_hash"] != key.body_hash:',
        gone="if False:",
        tests=["tests/kit/test_idempotency.py::test_a_key_reused_with_another_body_is_refused"],
    ),
    Guard(
        name="idempotency: a response is stored once",
        file=IDEMPOTENCY,
        guard=" WHERE kit_idempotency_keys.status = 'in_flight'\",",
        gone='",',
        tests=[
            "tests/kit/test_idempotency_races.py::test_of_two_requests_that_both_found_no_response_the_second_takes_no_effect"
        ],
    ),
    Guard(
        name="idempotency: a lease that has not expired is respected",
        file=IDEMPOTENCY,
        guard=" AND status = 'in_flight' AND lease_until <= now()\",",
        gone=" AND status = 'in_flight'\",",
        tests=[
            "tests/kit/test_idempotency_races.py::test_of_two_requests_that_both_found_an_expired_lease_one_renews_it"
        ],
    ),
    Guard(
        name="relay: facts of one aggregate keep their order",
        file=RELAY,
        guard='iter(sorted(facts, key=lambda fact: (fact["aggregate_version"], fact["number"])))',
        gone="iter(facts)",
        tests=["tests/kit/test_messaging.py::test_facts_of_one_aggregate_are_put_in_the_order_of_its_versions"],
    ),
    Guard(
        name="relay: an earlier fact is fetched from beyond the batch",
        file=RELAY,
        guard=' AND o.aggregate_version < f.aggregate_version"',
        gone=' AND false"',
        tests=["tests/kit/test_messaging_races.py::test_a_fact_waits_for_an_earlier_one_that_no_batch_has_room_for"],
    ),
    Guard(
        name="listener: its place is locked",
        file=LISTENING,
        guard="WHERE tenant_id = $1 AND listener = $2 FOR UPDATE",
        gone="WHERE tenant_id = $1 AND listener = $2",
        tests=["tests/kit/test_messaging_races.py::test_who_comes_while_an_event_is_handled_waits_and_passes_it_by"],
    ),
    Guard(
        name="listener: its place is compared",
        file=LISTENING,
        guard="return bool(place == before - 1)",
        gone="return True",
        tests=["tests/kit/test_messaging_races.py::test_who_comes_while_an_event_is_handled_waits_and_passes_it_by"],
    ),
    Guard(
        name="listener: what follows a parked event is parked",
        file=LISTENING,
        guard="if await _is_blocked(tx, listener, event):",
        gone="if False:",
        tests=["tests/kit/test_messaging_races.py::test_no_event_overtakes_a_parked_one_of_its_aggregate"],
    ),
    Guard(
        name="a seal includes the seal before it",
        file="src/luxewin/kit/sealing.py",
        guard="hashlib.sha256(previous + content.encode())",
        gone="hashlib.sha256(content.encode())",
        tests=["tests/kit/test_forged_seals.py"],
    ),
    Guard(
        name="a cursor's signature is checked",
        file=PAGINATION,
        guard="if not hmac.compare_digest(signature, self._signature(body, tenant_id, listing)):",
        gone="if False:",
        tests=["tests/kit/test_pagination.py::test_a_cursor_of_another_key_tenant_or_list_is_refused"],
    ),
    Guard(
        name="a cursor is signed for its tenant and list",
        file=PAGINATION,
        guard="scope = orjson.dumps([str(tenant_id), listing])",
        gone='scope = b""',
        tests=["tests/kit/test_pagination.py::test_a_cursor_of_another_key_tenant_or_list_is_refused"],
    ),
    Guard(
        name="a duty ends though the word of its cancellation got lost",
        file="src/luxewin/kit/jobs.py",
        guard="if is_cancelled():",
        gone="if False:",
        tests=["tests/kit/test_jobs.py::test_a_cancellation_that_gets_lost_in_a_failure_ends_the_duty_all_the_same"],
    ),
    Guard(
        name="a statement that a hung server never answers is given up",
        file=POOLS,
        guard="        command_timeout=max(limits.silence_seconds, limits.statement_seconds + 1),\n",
        gone="",
        tests=["tests/kit/test_silent_database.py::test_a_statement_that_nobody_answers_is_given_up"],
    ),
    Guard(
        name="supervision: no child collects what was imported for it",
        file="src/luxewin/runtime/supervision/fork_server.py",
        guard="    gc.freeze()  #",
        gone="    pass  #",
        tests=[
            "tests/runtime/test_supervision.py::test_no_child_collects_what_was_imported_for_it",
        ],
    ),
)
