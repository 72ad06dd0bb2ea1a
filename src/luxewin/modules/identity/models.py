"""Tables of identity.

Credentials have a table of their own: no query for a profile can return a secret, and a login does not change the
version of the profile. The row is also the lock that serialises logins, password changes and deletions of one account.
Failed attempts are counted under the hash of the address that was sent, whether or not an account has it, so that
neither the response nor its duration reveals which addresses have an account.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Table, Text, Uuid, text

from luxewin.kit.roles import SYSTEM_ROLE
from luxewin.kit.schema import index, metadata, reference, tenant_table, timestamp, unique
from luxewin.modules.identity.domain.sessions import SecurityEventKind, SessionEnd
from luxewin.modules.tenants.public import PLATFORM


def _one_of(column: str, values: type[SecurityEventKind | SessionEnd]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


users = tenant_table(
    "identity_users",
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_normalised", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("status", Text, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    unique("email_normalised"),
    CheckConstraint("role IN ('customer', 'vendor', 'admin', 'super_admin')", name="role"),
    CheckConstraint(
        f"(role = 'super_admin') = (tenant_id = '{PLATFORM.id}')", name="super_admins_live_on_the_platform"
    ),
    CheckConstraint("status IN ('active', 'suspended', 'deleted')", name="status"),
    CheckConstraint("version > 0", name="version"),
    app="SELECT, INSERT, UPDATE (name, email, email_normalised, role, status, updated_at, version)",
    system="SELECT (tenant_id, id, email_normalised)",
)
users.info["also"] = [
    # The constant is the id of PLATFORM.
    """
    CREATE FUNCTION identity_reserve_address() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    DECLARE
        platform CONSTANT uuid := '00000000-0000-7000-8000-000000000001';
        is_reserved boolean;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('identity address ' || NEW.email_normalised, 0));
        IF NEW.tenant_id = platform THEN
            -- Each tenant in turn, by the primary key: no index finds an address without its tenant.
            WITH RECURSIVE tenants AS (
                (SELECT u.tenant_id FROM identity_users u ORDER BY u.tenant_id LIMIT 1)
                UNION ALL
                SELECT (SELECT u.tenant_id FROM identity_users u WHERE u.tenant_id > t.tenant_id
                    ORDER BY u.tenant_id LIMIT 1)
                FROM tenants t WHERE t.tenant_id IS NOT NULL
            )
            SELECT EXISTS (
                SELECT FROM tenants t JOIN identity_users u ON u.tenant_id = t.tenant_id
                WHERE t.tenant_id <> platform AND u.email_normalised = NEW.email_normalised
            ) INTO is_reserved;
        ELSE
            SELECT EXISTS (
                SELECT FROM identity_users u
                WHERE u.tenant_id = platform AND u.email_normalised = NEW.email_normalised
            ) INTO is_reserved;
        END IF;
        IF NOT is_reserved THEN
            RETURN NEW;
        ELSIF TG_OP = 'INSERT' THEN
            RETURN NULL;
        END IF;
        RAISE unique_violation USING CONSTRAINT = 'identity_users_tenant_id_email_normalised_key';
    END
    $$
    """,
    "REVOKE ALL ON FUNCTION identity_reserve_address() FROM PUBLIC",
    f"GRANT {SYSTEM_ROLE} TO CURRENT_USER",
    f"GRANT CREATE ON SCHEMA public TO {SYSTEM_ROLE}",
    f"ALTER FUNCTION identity_reserve_address() OWNER TO {SYSTEM_ROLE}",
    f"REVOKE CREATE ON SCHEMA public FROM {SYSTEM_ROLE}",
    """
    CREATE TRIGGER a_new_account_reserves_its_address BEFORE INSERT ON identity_users FOR EACH ROW
    EXECUTE FUNCTION identity_reserve_address()
    """,
    """
    CREATE TRIGGER a_changed_account_reserves_its_address BEFORE UPDATE OF email_normalised ON identity_users
    FOR EACH ROW WHEN (NEW.email_normalised <> OLD.email_normalised AND NEW.status <> 'deleted')
    EXECUTE FUNCTION identity_reserve_address()
    """,
    f"REVOKE {SYSTEM_ROLE} FROM CURRENT_USER",
]
index(
    "identity_users_created_idx",
    users.c.created_at.desc(),
    users.c.id.desc(),
    postgresql_where=text("status <> 'deleted'"),
)
index(
    "identity_users_role_idx",
    users.c.role,
    users.c.created_at.desc(),
    users.c.id.desc(),
    postgresql_where=text("status <> 'deleted'"),
)

credentials = tenant_table(
    "identity_credentials",
    Column("user_id", Uuid, nullable=False),
    Column("password_hash", Text, nullable=False),
    timestamp("password_changed_at"),
    reference(["user_id"], "identity_users"),
    key=("user_id",),
)

failures = tenant_table(
    "identity_failures",
    Column("address_hash", LargeBinary, nullable=False),
    Column("source_hash", LargeBinary, nullable=False),
    Column("failed", Integer, nullable=False),
    timestamp("locked_until", nullable=True),
    timestamp("last_at"),
    CheckConstraint("failed >= 0", name="failed"),
    CheckConstraint("octet_length(address_hash) = 32", name="address_hash"),
    CheckConstraint("octet_length(source_hash) = 32", name="source_hash"),
    key=("address_hash", "source_hash"),
)
index("identity_failures_last_idx", failures.c.last_at)

# The counts of the previous version, while both versions run; they are deleted after a day.
attempts = tenant_table(
    "identity_attempts",
    Column("address_hash", LargeBinary, nullable=False),
    Column("failed", Integer, nullable=False),
    timestamp("locked_until", nullable=True),
    timestamp("last_at"),
    CheckConstraint("failed >= 0", name="failed"),
    CheckConstraint("octet_length(address_hash) = 32", name="address_hash"),
    key=("address_hash",),
)
index("identity_attempts_last_idx", attempts.c.last_at)

sessions = tenant_table(
    "identity_sessions",
    Column("id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    timestamp("created_at"),
    timestamp("last_used_at"),
    timestamp("expires_at"),
    timestamp("ended_at", nullable=True),
    Column("ended_because", Text),
    reference(["user_id"], "identity_users"),
    CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="end"),
    CheckConstraint(_one_of("ended_because", SessionEnd), name="ended_because"),
    system="SELECT",
)
index("identity_sessions_user_idx", sessions.c.user_id, sessions.c.created_at.desc(), sessions.c.id.desc())
index("identity_sessions_expiry_idx", sessions.c.expires_at)

refresh_tokens = tenant_table(
    "identity_refresh_tokens",
    Column("id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    timestamp("created_at"),
    timestamp("expires_at"),
    timestamp("used_at", nullable=True),
    unique("token_hash"),
    reference(["session_id"], "identity_sessions"),
    CheckConstraint("status IN ('live', 'used', 'revoked')", name="status"),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
    CheckConstraint("used_at IS NULL OR status = 'used'", name="used_at"),
    app="SELECT, INSERT, UPDATE (status, used_at), DELETE",
    system="SELECT",
)
index("identity_refresh_tokens_session_idx", refresh_tokens.c.session_id)
index(
    "identity_refresh_tokens_live_key",
    refresh_tokens.c.session_id,
    unique=True,
    postgresql_where=text("status = 'live'"),
)

security_events = tenant_table(
    "identity_security_events",
    Column("id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    timestamp("at"),
    Column("address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    reference(["user_id"], "identity_users"),
    CheckConstraint(_one_of("kind", SecurityEventKind), name="kind"),
    app="SELECT, INSERT, DELETE",
)
index(
    "identity_security_events_user_idx",
    security_events.c.user_id,
    security_events.c.at.desc(),
    security_events.c.id.desc(),
)
index("identity_security_events_at_idx", security_events.c.at)

signing_keys = Table(
    "identity_signing_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed_private_key", LargeBinary, nullable=False),
    timestamp("signs_from"),
    timestamp("verifies_until", nullable=True),
    CheckConstraint("octet_length(public_key) = 32", name="public_key"),
    info={"system": "SELECT, INSERT, UPDATE (verifies_until), DELETE"},
)
