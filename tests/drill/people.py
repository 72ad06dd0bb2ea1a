"""Guards of identity: tokens, sessions, passwords."""

from collections.abc import Sequence

from tests.drill.guard import Guard

ACCESS_TOKENS = "src/luxewin/modules/identity/service/access_tokens.py"
LOG_IN = "src/luxewin/modules/identity/service/log_in.py"
RACES = "tests/modules/identity/test_session_races.py"
MODELS = "src/luxewin/modules/identity/models.py"
CHECKS = "tests/modules/identity/test_secret_checks.py"
FAILED_ATTEMPTS = "src/luxewin/modules/identity/service/failed_attempts.py"
INDEPENDENCE = "src/luxewin/modules/identity/domain/independence.py"
TWO_PEOPLE = "tests/workflows/raffles/test_two_people.py"
TOGETHER = "src/luxewin/modules/identity/service/confirm_together.py"
RESERVED = "tests/modules/identity/test_reserved_addresses.py"

PEOPLE: Sequence[Guard] = (
    Guard(
        name="a guest's idempotency key is scoped by a token that was issued",
        file="src/luxewin/workflows/check_out/workflow.py",
        guard="    if owner is not None and owner.user_id is None:\n",
        gone="    if False:\n",
        tests=["tests/workflows/test_guest_keys.py"],
    ),
    Guard(
        name="reuse of a refresh token ends its session",
        file="src/luxewin/modules/identity/service/sessions.py",
        guard="        case Exchange.REUSED:\n            return _end_reused(tx, family, device)\n",
        gone="        case Exchange.REUSED:\n            raise InvalidRefreshToken\n",
        tests=["tests/modules/identity/test_sessions.py::test_reuse_of_a_refresh_token_ends_its_session"],
    ),
    Guard(
        name="a session has one live refresh token",
        file=MODELS,
        guard="    refresh_tokens.c.session_id,\n    unique=True,\n",
        gone="    refresh_tokens.c.session_id,\n",
        tests=["tests/modules/identity/test_sessions.py::test_a_second_live_token_of_a_session_cannot_be_stored"],
    ),
    Guard(
        name="a refresh locks the session",
        file="src/luxewin/modules/identity/repository/sessions.py",
        guard="WHERE t.tenant_id = $1 AND t.token_hash = $2 FOR UPDATE OF s",
        gone="WHERE t.tenant_id = $1 AND t.token_hash = $2",
        tests=[
            f"{RACES}::test_a_concurrent_refresh_waits_for_the_first_and_gets_its_token",
        ],
    ),
    Guard(
        name="a refresh token is answered again for a moment only",
        file="src/luxewin/modules/identity/domain/sessions.py",
        guard="is_recent = used_at is not None and now - used_at < REUSE_INTERVAL",
        gone="is_recent = used_at is not None",
        tests=["tests/modules/identity/test_sessions.py::test_reuse_of_a_refresh_token_ends_its_session"],
    ),
    Guard(
        name="a suspension ends the session of a login that is in progress",
        file="src/luxewin/modules/identity/service/change_user.py",
        guard="await users.lock_credentials(tx, user.id)  # a login in progress",
        gone="pass  # a login in progress",
        tests=[f"{RACES}::test_a_login_during_a_suspension_leaves_no_session"],
    ),
    Guard(
        name="an access token's signature is checked",
        file=ACCESS_TOKENS,
        guard='                "strict_aud": True,\n',
        gone='                "strict_aud": True,\n                "verify_signature": False,\n',
        tests=["tests/modules/identity/test_access_tokens.py::test_a_forged_token_is_rejected"],
    ),
    Guard(
        name="an access token's audience is checked",
        file=ACCESS_TOKENS,
        guard='"strict_aud": True,',
        gone='"verify_aud": False,',
        tests=["tests/modules/identity/test_access_tokens.py::test_a_forged_token_is_rejected"],
    ),
    Guard(
        name="the header of an access token is checked",
        file=ACCESS_TOKENS,
        guard='set(headers) != _HEADERS or headers["alg"] != ALGORITHM or headers["typ"] != TYPE',
        gone='headers.get("alg") != ALGORITHM',
        tests=["tests/modules/identity/test_access_tokens.py::test_a_forged_token_is_rejected"],
    ),
    Guard(
        name="an expired access token is rejected",
        file="src/luxewin/modules/identity/service/authenticator.py",
        guard="if remaining_seconds <= 0:",
        gone="if False:",
        tests=["tests/modules/identity/test_access_tokens.py::test_a_forged_token_is_rejected"],
    ),
    Guard(
        name="an unknown address costs one bcrypt",
        file="src/luxewin/workflows/log_in/workflow.py",
        guard="await passwords.match(password, None if account is None else account.password_hash)",
        gone="account is not None and await passwords.match(password, account.password_hash)",
        tests=["tests/modules/identity/test_passwords.py::test_an_unknown_address_costs_one_bcrypt"],
    ),
    Guard(
        name="an account is locked after failed attempts",
        file=LOG_IN,
        guard="return None if await is_locked(tx, current.user, device) else current",
        gone="return current",
        tests=["tests/modules/identity/test_login.py::test_an_account_is_locked_after_failures_and_unlocked_again"],
    ),
    Guard(
        name="no account of a tenant is a super admin",
        file=MODELS,
        guard="f\"(role = 'super_admin') = (tenant_id = '{PLATFORM.id}')\"",
        gone='"true"',
        tests=["tests/modules/identity/test_users.py::test_no_account_of_a_tenant_can_be_a_super_admin"],
    ),
    Guard(
        name="another password under the same key is another request",
        file="src/luxewin/modules/identity/routes/account_context.py",
        guard="body_hash=idempotency.body_hash(masked, fingerprint)",
        gone="body_hash=idempotency.body_hash(masked)",
        tests=[
            "tests/modules/identity/test_users.py::test_one_key_creates_one_account_and_reveals_nothing_about_its_password"
        ],
    ),
    Guard(
        name="a reset of a password ends the sessions",
        file="src/luxewin/modules/identity/service/reset_password.py",
        guard="ended = await end_sessions(tx, user_id=user.id, because=SessionEnd.PASSWORD_CHANGED)",
        gone="ended: list[object] = []",
        tests=["tests/e2e/test_commands.py::test_a_reset_password_is_valid_at_once_and_the_sessions_have_ended"],
    ),
    Guard(
        name="no account of a tenant takes the address of a super admin",
        file=MODELS,
        guard="                WHERE u.tenant_id = platform AND u.email_normalised = NEW.email_normalised\n",
        gone="                WHERE false\n",
        tests=[f"{RESERVED}::test_the_address_of_a_super_admin_cannot_be_taken"],
    ),
    Guard(
        name="a changed address is compared with those of super admins",
        file=MODELS,
        guard="FOR EACH ROW WHEN (NEW.email_normalised <> OLD.email_normalised AND NEW.status <> 'deleted')",
        gone="FOR EACH ROW WHEN (false)",
        tests=[f"{RESERVED}::test_the_address_of_a_super_admin_cannot_be_taken"],
    ),
    Guard(
        name="a super admin takes no address of a tenant's account",
        file=MODELS,
        guard="WHERE t.tenant_id <> platform AND u.email_normalised = NEW.email_normalised",
        gone="WHERE false",
        tests=[f"{RESERVED}::test_a_super_admin_cannot_be_given_the_address_of_a_tenants_account"],
    ),
    Guard(
        name="writers of one address wait for each other",
        file=MODELS,
        guard="PERFORM pg_advisory_xact_lock(hashtextextended('identity address ' || NEW.email_normalised, 0));",
        gone="",
        tests=[f"{RESERVED}::test_a_super_admin_and_a_customer_cannot_take_an_address_at_the_same_time"],
    ),
    Guard(
        name="a super admin logs in although a tenant's account has the address",
        file="src/luxewin/workflows/log_in/workflow.py",
        guard="(here, tenant) if on_platform is None else (on_platform, PLATFORM)",
        gone="(on_platform, PLATFORM) if here is None and on_platform is not None else (here, tenant)",
        tests=[f"{RESERVED}::test_an_account_from_before_the_rule_keeps_no_super_admin_out"],
    ),
    Guard(
        name="a known network is not locked with the strangers",
        file=FAILED_ATTEMPTS,
        guard="if await sessions.knows_network(tx, user_id=user.id, address=device.address):",
        gone="if False:",
        tests=[f"{CHECKS}::test_guesses_from_elsewhere_lock_nobody_out_of_a_known_network"],
    ),
    Guard(
        name="strangers are locked together",
        file=FAILED_ATTEMPTS,
        guard="return (await failures.of(tx, key, STRANGERS)).locked",
        gone="return False",
        tests=[f"{CHECKS}::test_guesses_from_elsewhere_lock_nobody_out_of_a_known_network"],
    ),
    Guard(
        name="a network whose session was revoked is not known",
        file="src/luxewin/modules/identity/repository/sessions.py",
        guard="        \" AND (s.ended_because IS NULL OR s.ended_because = 'logged_out'))\",\n",
        gone='        ")",\n',
        tests=[f"{CHECKS}::test_a_network_whose_session_was_revoked_is_not_known"],
    ),
    Guard(
        name="a login forgets the failures of its own network only",
        file=LOG_IN,
        guard="failures.clear(tx, email_key(current.user.email), failures.network(device.address))",
        gone="failures.clear_all(tx, email_key(current.user.email))",
        tests=[f"{CHECKS}::test_a_login_does_not_forget_the_guesses_of_others"],
    ),
    Guard(
        name="a check of the password for a new address counts as one of a credential",
        file="src/luxewin/modules/identity/routes/users.py",
        guard="        await count_secret_check(context)\n",
        gone="",
        tests=[f"{CHECKS}::test_all_checks_of_secrets_share_one_limit_of_a_network_over_all_processes"],
    ),
    Guard(
        name="the limit of credentials counts the network of an account too",
        file="src/luxewin/kit/http/middleware.py",
        guard="if principal is ANONYMOUS or policy.rate_limit == CREDENTIALS:",
        gone="if principal is ANONYMOUS:",
        tests=[f"{CHECKS}::test_all_checks_of_secrets_share_one_limit_of_a_network_over_all_processes"],
    ),
    Guard(
        name="a dry run confirms no secret",
        file="src/luxewin/modules/identity/service/secret_checks.py",
        guard="    if context.is_dry_run:\n        raise DryRunNotSupported\n",
        gone="",
        tests=[f"{CHECKS}::test_a_dry_run_confirms_no_secret"],
    ),
    Guard(
        name="an account made minutes ago confirms nothing",
        file=INDEPENDENCE,
        guard="if now - created < self.minimum_age:",
        gone="if False:",
        tests=[f"{TWO_PEOPLE}::test_an_account_made_minutes_ago_confirms_nothing"],
    ),
    Guard(
        name="nobody confirms with an account that they have made",
        file=INDEPENDENCE,
        guard="return self.influence_lasts is None or now - influence.at < self.influence_lasts",
        gone="return False",
        tests=[f"{TWO_PEOPLE}::test_nobody_confirms_with_an_account_that_they_have_made"],
    ),
    Guard(
        name="nobody confirms with accounts that they have made through others",
        file=INDEPENDENCE,
        guard="    if shared:\n",
        gone="    if False:\n",
        tests=[f"{TWO_PEOPLE}::test_nobody_confirms_with_accounts_that_they_have_made_through_others"],
    ),
    Guard(
        name="a super admin confirms only with a reason",
        file=TOGETHER,
        guard="    if confirmer.break_glass is None:\n",
        gone="    if False:\n",
        tests=[f"{TWO_PEOPLE}::test_a_super_admin_confirms_only_by_breaking_the_glass_with_a_reason"],
    ),
    Guard(
        name="an admin cannot break the glass",
        file=TOGETHER,
        guard="    elif confirmer.break_glass is not None:\n",
        gone="    elif False:\n",
        tests=[f"{TWO_PEOPLE}::test_an_admin_cannot_break_the_glass"],
    ),
    Guard(
        name="two people are checked before a cancellation is confirmed",
        file="src/luxewin/modules/raffles/service/cancel_locked_raffles.py",
        guard="    await identity.must_be_two_people(tx, by, proposed_by=proposal.proposed_by)\n",
        gone="",
        tests=[f"{TWO_PEOPLE}::test_nobody_confirms_with_an_account_that_they_have_made"],
    ),
    Guard(
        name="two people are checked before a disqualification is confirmed",
        file="src/luxewin/modules/raffles/service/disqualify_tickets.py",
        guard="    await identity.must_be_two_people(tx, by, proposed_by=proposal.proposed_by)\n",
        gone="",
        tests=[f"{TWO_PEOPLE}::test_nobody_confirms_with_an_account_that_they_have_made"],
    ),
)
