CREATE TABLE tenants_registry (
    id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    locale TEXT NOT NULL,
    status TEXT NOT NULL,
    clock_offset_seconds BIGINT NOT NULL,
    settings JSONB NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT tenants_registry_pkey PRIMARY KEY (id),
    CONSTRAINT tenants_registry_status_check CHECK (status IN ('active', 'suspended')),
    CONSTRAINT tenants_registry_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT tenants_registry_clock_runs_ahead_only_check CHECK (clock_offset_seconds >= 0),
    CONSTRAINT tenants_registry_settings_check CHECK (jsonb_typeof(settings) = 'object'),
    CONSTRAINT tenants_registry_version_check CHECK (version > 0),
    CONSTRAINT tenants_registry_slug_key UNIQUE (slug)
);

GRANT SELECT, INSERT, UPDATE (name, locale, status, clock_offset_seconds, settings, version, updated_at) ON tenants_registry TO luxewin_app;

GRANT SELECT ON tenants_registry TO luxewin_system;

ALTER TABLE tenants_registry ENABLE ROW LEVEL SECURITY;

ALTER TABLE tenants_registry FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON tenants_registry TO luxewin_app USING (id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON tenants_registry FOR SELECT TO luxewin_system USING (true);

CREATE TABLE tenants_domains (
    domain TEXT NOT NULL,
    tenant UUID NOT NULL,
    CONSTRAINT tenants_domains_pkey PRIMARY KEY (domain),
    CONSTRAINT tenants_domains_tenant_fkey FOREIGN KEY(tenant) REFERENCES tenants_registry (id)
);

CREATE INDEX tenants_domains_tenant_idx ON tenants_domains (tenant);

GRANT SELECT, INSERT, DELETE ON tenants_domains TO luxewin_app;

GRANT SELECT ON tenants_domains TO luxewin_system;

ALTER TABLE tenants_domains ENABLE ROW LEVEL SECURITY;

ALTER TABLE tenants_domains FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON tenants_domains TO luxewin_app USING (tenant = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON tenants_domains FOR SELECT TO luxewin_system USING (true);
