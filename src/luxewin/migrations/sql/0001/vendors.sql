CREATE TABLE vendors_vendors (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT vendors_vendors_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT vendors_vendors_tenant_id_slug_key UNIQUE (tenant_id, slug),
    CONSTRAINT vendors_vendors_tenant_id_name_key_key UNIQUE (tenant_id, name_key),
    CONSTRAINT vendors_vendors_status_check CHECK (status IN ('active', 'suspended')),
    CONSTRAINT vendors_vendors_name_check CHECK (name <> '')
);

GRANT SELECT, INSERT, UPDATE ON vendors_vendors TO luxewin_app;

ALTER TABLE vendors_vendors ENABLE ROW LEVEL SECURITY;

ALTER TABLE vendors_vendors FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON vendors_vendors TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE VIEW vendors_v_vendors WITH (security_invoker = true) AS SELECT tenant_id, id, slug, name, status FROM vendors_vendors;

GRANT SELECT ON vendors_v_vendors TO luxewin_app;

CREATE TABLE vendors_members (
    tenant_id UUID NOT NULL,
    user_id UUID NOT NULL,
    vendor_id UUID NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT vendors_members_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT vendors_members_tenant_id_vendor_id_fkey FOREIGN KEY(tenant_id, vendor_id) REFERENCES vendors_vendors (tenant_id, id),
    CONSTRAINT vendors_members_tenant_id_user_id_fkey FOREIGN KEY(tenant_id, user_id) REFERENCES identity_users (tenant_id, id)
);

CREATE INDEX vendors_members_vendor_idx ON vendors_members (tenant_id, vendor_id);

GRANT SELECT, INSERT, DELETE ON vendors_members TO luxewin_app;

ALTER TABLE vendors_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE vendors_members FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON vendors_members TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
