CREATE TABLE identity_failures (
    tenant_id UUID NOT NULL,
    address_hash BYTEA NOT NULL,
    source_hash BYTEA NOT NULL,
    failed INTEGER NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT identity_failures_pkey PRIMARY KEY (tenant_id, address_hash, source_hash),
    CONSTRAINT identity_failures_failed_check CHECK (failed >= 0),
    CONSTRAINT identity_failures_address_hash_check CHECK (octet_length(address_hash) = 32),
    CONSTRAINT identity_failures_source_hash_check CHECK (octet_length(source_hash) = 32)
);

CREATE INDEX identity_failures_last_idx ON identity_failures (tenant_id, last_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON identity_failures TO luxewin_app;

ALTER TABLE identity_failures ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity_failures FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON identity_failures TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

GRANT SELECT (tenant_id, id, email_normalised) ON identity_users TO luxewin_system;

CREATE POLICY every_tenant ON identity_users TO luxewin_system USING (true) WITH CHECK (true);

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
$$;

REVOKE ALL ON FUNCTION identity_reserve_address() FROM PUBLIC;

GRANT luxewin_system TO CURRENT_USER;

GRANT CREATE ON SCHEMA public TO luxewin_system;

ALTER FUNCTION identity_reserve_address() OWNER TO luxewin_system;

REVOKE CREATE ON SCHEMA public FROM luxewin_system;

CREATE TRIGGER a_new_account_reserves_its_address BEFORE INSERT ON identity_users FOR EACH ROW
EXECUTE FUNCTION identity_reserve_address();

CREATE TRIGGER a_changed_account_reserves_its_address BEFORE UPDATE OF email_normalised ON identity_users
FOR EACH ROW WHEN (NEW.email_normalised <> OLD.email_normalised AND NEW.status <> 'deleted')
EXECUTE FUNCTION identity_reserve_address();

REVOKE luxewin_system FROM CURRENT_USER;
