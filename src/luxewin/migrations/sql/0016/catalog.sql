-- The values of options and attributes, as lists are filtered by them.
CREATE TABLE catalog_product_properties (
    tenant_id UUID NOT NULL,
    property_key TEXT COLLATE "C" NOT NULL,
    product_id UUID NOT NULL,
    CONSTRAINT catalog_product_properties_pkey PRIMARY KEY (tenant_id, property_key, product_id),
    CONSTRAINT catalog_product_properties_tenant_id_product_id_fkey FOREIGN KEY (tenant_id, product_id) REFERENCES catalog_products (tenant_id, id)
);
CREATE INDEX catalog_product_properties_product_idx ON catalog_product_properties (tenant_id, product_id);
GRANT SELECT, INSERT, DELETE ON catalog_product_properties TO luxewin_app;
ALTER TABLE catalog_product_properties ENABLE ROW LEVEL SECURITY;
ALTER TABLE catalog_product_properties FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON catalog_product_properties TO luxewin_app
    USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))
    WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE VIEW catalog_v_product_properties WITH (security_invoker = true) AS
    SELECT tenant_id, property_key, product_id FROM catalog_product_properties;
GRANT SELECT ON catalog_v_product_properties TO luxewin_app;
