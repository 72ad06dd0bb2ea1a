CREATE TABLE tenants_rate_limits (
    name TEXT NOT NULL,
    requests_per_minute BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT tenants_rate_limits_pkey PRIMARY KEY (name),
    CONSTRAINT tenants_rate_limits_requests_per_minute_check CHECK (requests_per_minute > 0),
    CONSTRAINT tenants_rate_limits_version_check CHECK (version > 0)
);

GRANT SELECT, INSERT, UPDATE ON tenants_rate_limits TO luxewin_app;

GRANT SELECT ON tenants_rate_limits TO luxewin_system;

ALTER TABLE tenants_rate_limits ENABLE ROW LEVEL SECURITY;

ALTER TABLE tenants_rate_limits FORCE ROW LEVEL SECURITY;

CREATE POLICY platform ON tenants_rate_limits TO luxewin_app USING ((SELECT nullif(current_setting('app.tenant_id', true), '')::uuid) = '00000000-0000-7000-8000-000000000001') WITH CHECK ((SELECT nullif(current_setting('app.tenant_id', true), '')::uuid) = '00000000-0000-7000-8000-000000000001');

CREATE POLICY every_tenant ON tenants_rate_limits FOR SELECT TO luxewin_system USING (true);
