"""Guards of the kit: tenancy, writes, idempotency, events, seals, cursors."""

from collections.abc import Sequence

from tests.drill.guard import Guard

DATABASE = "src/luxewin/kit/database.py"
POOLS = "src/luxewin/kit/pools.py"
SCHEMA = "src/luxewin/kit/schema.py"
IDEMPOTENCY = "src/luxewin/kit/idempotency.py"
LISTENING = "src/luxewin/kit/messaging/listeners.py"
RELAY = "src/luxewin/kit/messaging/relay.py"
PAGINATION = "src/luxewin/kit/pagination.py"

KIT: Sequence[Guard] = (
    Guard(
        name="a cancelled start leaves no process in its folder",
        file="src/luxewin/kit/cancellation.py",
        guard="            cancelled = error\n",
        gone="            raise error\n",
        tests=[
            "tests/runtime/test_postgres_recovery.py::test_a_cancelled_first_start_ends_after_its_cluster_was_created"
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
        tests=["tests/invariants/test_schema.py::test_every_invariant_holds_on_an_empty_installation"],
    ),
    Guard(
        name="a read connection is set to the tenant it is used for",
        file=POOLS,
        guard="if self._tenant == tenant:",
        gone="if self._tenant is not None:",
        tests=["tests/kit/test_read_connections.py::test_each_read_sees_its_own_tenant_in_any_order"],
    ),
    Guard(
        name="a read connection cannot write",
        file=POOLS,
        guard="SET default_transaction_read_only=on;",
        gone="",
        tests=["tests/kit/test_read_connections.py::test_a_read_connection_cannot_write"],
    ),
    Guard(
        name="an index of old keys does not look as good as their primary key",
        file="src/luxewin/kit/models.py",
        guard='Index("kit_idempotency_keys_created_idx", idempotency_keys.c.created_at)',
        gone='index("kit_idempotency_keys_created_idx", idempotency_keys.c.created_at)',
        tests=["tests/kit/test_statistics.py"],
    ),
    Guard(
        name="a write demands its rows",
        file="src/luxewin/kit/functions.sql",
        guard="IF demanded[place] >= 0 AND counted[place] <> demanded[place] THEN",
        gone="IF false THEN",
        tests=["tests/kit/test_writes.py::test_the_first_write_with_a_wrong_row_count_rejects_all"],
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
        name="relay: events of one aggregate keep their order",
        file=RELAY,
        guard='iter(sorted(events, key=lambda event: (event["aggregate_version"], event["number"])))',
        gone="iter(events)",
        tests=["tests/kit/test_messaging.py::test_events_of_one_aggregate_are_sorted_by_version"],
    ),
    Guard(
        name="relay: an earlier event is fetched from beyond the batch",
        file=RELAY,
        guard=' AND o.aggregate_version < f.aggregate_version"',
        gone=' AND false"',
        tests=[
            "tests/kit/test_messaging_races.py::test_an_event_waits_for_an_earlier_one_that_did_not_fit_into_the_batch"
        ],
    ),
    Guard(
        name="listener: its position is locked",
        file=LISTENING,
        guard="WHERE tenant_id = $1 AND listener = $2 FOR UPDATE",
        gone="WHERE tenant_id = $1 AND listener = $2",
        tests=["tests/kit/test_messaging_races.py::test_a_second_worker_waits_while_an_event_is_handled_and_skips_it"],
    ),
    Guard(
        name="listener: its position is compared",
        file=LISTENING,
        guard="return bool(position == before - 1)",
        gone="return True",
        tests=["tests/kit/test_messaging_races.py::test_a_second_worker_waits_while_an_event_is_handled_and_skips_it"],
    ),
    Guard(
        name="listener: events after a dead-lettered one are dead-lettered",
        file=LISTENING,
        guard="if await _is_blocked(tx, listener, event):",
        gone="if False:",
        tests=["tests/kit/test_messaging_races.py::test_no_event_overtakes_a_dead_lettered_one_of_its_aggregate"],
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
        name="a job ends although its cancellation was lost",
        file="src/luxewin/kit/jobs.py",
        guard="if is_cancelled():",
        gone="if False:",
        tests=["tests/kit/test_jobs.py::test_a_cancellation_that_is_lost_in_a_failure_still_ends_the_job"],
    ),
    Guard(
        name="a statement that a hung server never answers times out",
        file=POOLS,
        guard="        command_timeout=max(limits.silence_seconds, limits.statement_seconds + 1),\n",
        gone="",
        tests=["tests/kit/test_silent_database.py::test_a_statement_that_is_not_answered_times_out"],
    ),
    Guard(
        name="supervision: no child collects imported objects",
        file="src/luxewin/runtime/supervision/fork_server.py",
        guard="    gc.freeze()  #",
        gone="    pass  #",
        tests=[
            "tests/runtime/test_supervision.py::test_no_child_collects_imported_objects",
        ],
    ),
)
