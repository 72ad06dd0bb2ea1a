"""Guards of the kit: tenancy, writes, idempotency, events, seals, services, invariants."""

from collections.abc import Sequence

from tests.drill.guard import Guard

DATABASE = "src/luxewin/kit/database.py"
POOLS = "src/luxewin/kit/pools.py"
SCHEMA = "src/luxewin/kit/schema.py"
IDEMPOTENCY = "src/luxewin/kit/idempotency.py"
LISTENING = "src/luxewin/kit/messaging/listeners.py"
RELAY = "src/luxewin/kit/messaging/relay.py"
INVARIANT_CHECKS = "src/luxewin/kit/invariant_checks.py"
REACHABILITY = "src/luxewin/runtime/postgres/reachability.py"
SERVICES = "src/luxewin/kit/services.py"
INSTALLED = "src/luxewin/installed.py"

TEST_MANIFESTS = "tests/architecture/test_manifests.py"
TEST_INVARIANTS = "tests/workflows/test_proving.py"
TEST_SERVICES = "tests/kit/test_services.py"

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
        name="a connection whose server process was terminated is an unavailable database",
        file="src/luxewin/kit/driver_errors.py",
        guard="(asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)",
        gone="(asyncpg.InterfaceError, OSError)",
        tests=["tests/kit/test_terminated_backends.py::test_a_terminated_server_process_is_an_unavailable_database"],
    ),
    Guard(
        name="a job that cannot reach the database logs one line",
        file="src/luxewin/kit/jobs.py",
        guard="            if not is_waiting:\n",
        gone="            if True:\n",
        tests=["tests/kit/test_jobs.py::test_a_job_that_waits_for_the_database_logs_one_line_and_when_it_runs_again"],
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
    Guard(
        name="services: a missing one prevents the start",
        file=SERVICES,
        guard='raise LookupError(f"no module provides a {kind.__name__}; provide it in the `services` of a module.py")',
        gone="return None",
        tests=[
            f"{TEST_SERVICES}::test_a_service_that_no_module_provides_prevents_the_start_and_the_open_ones_are_closed"
        ],
    ),
    Guard(
        name="services: each is opened once",
        file=SERVICES,
        guard="if kind not in self._opened:",
        gone="if True:",
        tests=[f"{TEST_SERVICES}::test_each_service_is_opened_once_after_those_it_needs_and_closed_before_them"],
    ),
    Guard(
        name="manifests: every workflow is part of the program",
        file=INSTALLED,
        guard="    **dict(_manifests(workflows)),",
        gone="    **dict(list(_manifests(workflows))[1:]),",
        tests=[f"{TEST_MANIFESTS}::test_every_folder_of_modules_and_workflows_is_part_of_the_program"],
    ),
    Guard(
        name="manifests: every check is part of the program",
        file=INSTALLED,
        guard="checks=[check for module in MODULES for check in module.checks],",
        gone="checks=[],",
        tests=[f"{TEST_MANIFESTS}::test_every_check_chain_and_tag_of_a_manifest_is_part_of_the_program"],
    ),
    Guard(
        name="invariants: a transient difference must be found twice",
        file=INVARIANT_CHECKS,
        guard="partial(_find_confirmed, check, services) if check.transient else partial(check.find, services)",
        gone="partial(check.find, services)",
        tests=[f"{TEST_INVARIANTS}::test_totals_that_differ_twice_are_reported_and_a_payment_in_progress_is_not"],
    ),
    Guard(
        name="invariants: only transient differences are checked again later",
        file=INVARIANT_CHECKS,
        guard="partial(_find_confirmed, check, services) if check.transient else partial(check.find, services)",
        gone="partial(_find_confirmed, check, services)",
        tests=["tests/kit/test_invariant_checks.py::test_only_a_transient_check_must_find_a_violation_twice"],
    ),
    Guard(
        name="invariants: a difference that is found twice is the same one",
        file=INVARIANT_CHECKS,
        guard="return [violation for violation in second if violation in first]",
        gone="return second",
        tests=["tests/kit/test_invariant_checks.py::test_another_violation_than_the_first_one_does_not_confirm_it"],
    ),
    Guard(
        name="invariants: the totals of gateways are compared as transient",
        file="src/luxewin/modules/payments/module.py",
        guard="compare_totals, transient=True)",
        gone="compare_totals)",
        tests=[f"{TEST_INVARIANTS}::test_totals_that_differ_twice_are_reported_and_a_payment_in_progress_is_not"],
    ),
    Guard(
        name="invariants: an invariant that cannot be checked counts as violated",
        file=INVARIANT_CHECKS,
        guard='return [Violation(statement, {"error": f"{type(error).__name__}: {error}"})]',
        gone="return []",
        tests=[
            f"{TEST_INVARIANTS}::test_checking_all_invariants_reports_those_that_cannot_be_checked_and_all_other_violations"
        ],
    ),
    Guard(
        name="reachability: a closed directory above the data is refused",
        file=REACHABILITY,
        guard="if (closed := _find_first_closed(account, data)) is not None:",
        gone="if False:",
        tests=["tests/runtime/test_postgres.py::test_a_closed_directory_above_the_data_is_refused_and_left_closed"],
    ),
    Guard(
        name="reachability: closed programs are refused",
        file=REACHABILITY,
        guard="if (closed := _find_first_closed(account, [programs])) is not None:",
        gone="if False:",
        tests=["tests/runtime/test_postgres.py::test_closed_programs_are_refused_with_their_own_remedy"],
    ),
    Guard(
        name="a migration fills no table whose rows its owner would not see",
        file="src/luxewin/migrations/online.py",
        guard="if hidden := sorted(set(read) - set(tables)):",
        gone="if hidden := sorted(set(read) - set(read)):",
        tests=["tests/migrations/test_filling.py::test_filling_a_table_that_its_owner_would_not_see_is_refused"],
    ),
    Guard(
        name="two modules cannot declare the same service or invariant",
        file="src/luxewin/kit/manifest.py",
        guard="if key in owners:",
        gone="if False:",
        tests=["tests/kit/test_manifest.py::test_what_two_modules_declare_is_an_error_that_names_both"],
    ),
)
