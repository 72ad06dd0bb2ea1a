"""Guards of identity: tokens, sessions, passwords."""

from collections.abc import Sequence

from tests.drill.guard import Guard

ACCESS_TOKENS = "src/luxewin/modules/identity/service/access_tokens.py"
LOG_IN = "src/luxewin/modules/identity/service/log_in.py"
RACES = "tests/modules/identity/test_session_races.py"
MODELS = "src/luxewin/modules/identity/models.py"

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
        guard="return None if (await attempts.of(tx, email_key(current.user.email))).locked else current",
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
)
