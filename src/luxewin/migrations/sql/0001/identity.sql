CREATE TABLE identity_attempts (
    tenant_id UUID NOT NULL,
    address_hash BYTEA NOT NULL,
    failed INTEGER NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT identity_attempts_pkey PRIMARY KEY (tenant_id, address_hash),
    CONSTRAINT identity_attempts_failed_check CHECK (failed >= 0),
    CONSTRAINT identity_attempts_address_hash_check CHECK (octet_length(address_hash) = 32)
);

CREATE INDEX identity_attempts_last_idx ON identity_attempts (tenant_id, last_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON identity_attempts TO luxewin_app;

ALTER TABLE identity_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity_attempts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON identity_attempts TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE identity_signing_keys (
    kid TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    sealed_private_key BYTEA NOT NULL,
    signs_from TIMESTAMP WITH TIME ZONE NOT NULL,
    verifies_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT identity_signing_keys_pkey PRIMARY KEY (kid),
    CONSTRAINT identity_signing_keys_public_key_check CHECK (octet_length(public_key) = 32)
);

GRANT SELECT, INSERT, UPDATE (verifies_until), DELETE ON identity_signing_keys TO luxewin_system;

CREATE TABLE identity_users (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_normalised TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT identity_users_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT identity_users_tenant_id_email_normalised_key UNIQUE (tenant_id, email_normalised),
    CONSTRAINT identity_users_role_check CHECK (role IN ('customer', 'vendor', 'admin', 'super_admin')),
    CONSTRAINT identity_users_super_admins_live_on_the_platform_check CHECK ((role = 'super_admin') = (tenant_id = '00000000-0000-7000-8000-000000000001')),
    CONSTRAINT identity_users_status_check CHECK (status IN ('active', 'suspended', 'deleted')),
    CONSTRAINT identity_users_version_check CHECK (version > 0)
);

CREATE INDEX identity_users_created_idx ON identity_users (tenant_id, created_at DESC, id DESC) WHERE status <> 'deleted';

CREATE INDEX identity_users_role_idx ON identity_users (tenant_id, role, created_at DESC, id DESC) WHERE status <> 'deleted';

GRANT SELECT, INSERT, UPDATE (name, email, email_normalised, role, status, updated_at, version) ON identity_users TO luxewin_app;

ALTER TABLE identity_users ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity_users FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON identity_users TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE identity_credentials (
    tenant_id UUID NOT NULL,
    user_id UUID NOT NULL,
    password_hash TEXT NOT NULL,
    password_changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT identity_credentials_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT identity_credentials_tenant_id_user_id_fkey FOREIGN KEY(tenant_id, user_id) REFERENCES identity_users (tenant_id, id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON identity_credentials TO luxewin_app;

ALTER TABLE identity_credentials ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity_credentials FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON identity_credentials TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE identity_security_events (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    kind TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    CONSTRAINT identity_security_events_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT identity_security_events_tenant_id_user_id_fkey FOREIGN KEY(tenant_id, user_id) REFERENCES identity_users (tenant_id, id),
    CONSTRAINT identity_security_events_kind_check CHECK (kind IN ('login_failed', 'account_locked', 'new_device', 'password_changed', 'refresh_token_reused'))
);

CREATE INDEX identity_security_events_at_idx ON identity_security_events (tenant_id, at);

CREATE INDEX identity_security_events_user_idx ON identity_security_events (tenant_id, user_id, at DESC, id DESC);

GRANT SELECT, INSERT, DELETE ON identity_security_events TO luxewin_app;

ALTER TABLE identity_security_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity_security_events FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON identity_security_events TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE identity_sessions (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_because TEXT,
    CONSTRAINT identity_sessions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT identity_sessions_tenant_id_user_id_fkey FOREIGN KEY(tenant_id, user_id) REFERENCES identity_users (tenant_id, id),
    CONSTRAINT identity_sessions_end_check CHECK ((ended_at IS NULL) = (ended_because IS NULL)),
    CONSTRAINT identity_sessions_ended_because_check CHECK (ended_because IN ('logged_out', 'revoked', 'refresh_token_reused', 'password_changed', 'account_closed'))
);

CREATE INDEX identity_sessions_expiry_idx ON identity_sessions (tenant_id, expires_at);

CREATE INDEX identity_sessions_user_idx ON identity_sessions (tenant_id, user_id, created_at DESC, id DESC);

GRANT SELECT, INSERT, UPDATE, DELETE ON identity_sessions TO luxewin_app;

GRANT SELECT ON identity_sessions TO luxewin_system;

ALTER TABLE identity_sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity_sessions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON identity_sessions TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON identity_sessions TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE identity_refresh_tokens (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    status TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT identity_refresh_tokens_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT identity_refresh_tokens_tenant_id_token_hash_key UNIQUE (tenant_id, token_hash),
    CONSTRAINT identity_refresh_tokens_tenant_id_session_id_fkey FOREIGN KEY(tenant_id, session_id) REFERENCES identity_sessions (tenant_id, id),
    CONSTRAINT identity_refresh_tokens_status_check CHECK (status IN ('live', 'used', 'revoked')),
    CONSTRAINT identity_refresh_tokens_token_hash_check CHECK (octet_length(token_hash) = 32)
);

CREATE UNIQUE INDEX identity_refresh_tokens_live_key ON identity_refresh_tokens (tenant_id, session_id) WHERE status = 'live';

CREATE INDEX identity_refresh_tokens_session_idx ON identity_refresh_tokens (tenant_id, session_id);

GRANT SELECT, INSERT, UPDATE (status), DELETE ON identity_refresh_tokens TO luxewin_app;

GRANT SELECT ON identity_refresh_tokens TO luxewin_system;

ALTER TABLE identity_refresh_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity_refresh_tokens FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON identity_refresh_tokens TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON identity_refresh_tokens TO luxewin_system USING (true) WITH CHECK (true);
