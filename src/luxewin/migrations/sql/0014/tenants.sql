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
