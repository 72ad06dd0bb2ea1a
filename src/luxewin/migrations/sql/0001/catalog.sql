CREATE TABLE catalog_categories (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    parent_id UUID,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    path TEXT NOT NULL,
    path_key TEXT NOT NULL,
    lineage UUID[] NOT NULL,
    position INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT catalog_categories_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT catalog_categories_tenant_id_parent_id_fkey FOREIGN KEY(tenant_id, parent_id) REFERENCES catalog_categories (tenant_id, id),
    CONSTRAINT catalog_categories_tenant_id_slug_key UNIQUE (tenant_id, slug),
    CONSTRAINT catalog_categories_tenant_id_path_key_key UNIQUE (tenant_id, path_key),
    CONSTRAINT catalog_categories_parent_check CHECK (parent_id <> id),
    CONSTRAINT catalog_categories_lineage_check CHECK (cardinality(lineage) BETWEEN 1 AND 8 AND lineage[cardinality(lineage)] = id),
    CONSTRAINT catalog_categories_name_check CHECK (name <> '' AND name !~ '/')
);

CREATE INDEX catalog_categories_name_idx ON catalog_categories (tenant_id, name_key);

CREATE INDEX catalog_categories_parent_idx ON catalog_categories (tenant_id, parent_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON catalog_categories TO luxewin_app;

ALTER TABLE catalog_categories ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_categories FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_categories TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE VIEW catalog_v_categories WITH (security_invoker = true) AS SELECT tenant_id, id, parent_id, slug, name, path, lineage, position, version FROM catalog_categories;

GRANT SELECT ON catalog_v_categories TO luxewin_app;

CREATE TABLE catalog_collections (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT catalog_collections_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT catalog_collections_tenant_id_slug_key UNIQUE (tenant_id, slug),
    CONSTRAINT catalog_collections_names_check CHECK (slug <> '' AND name <> '')
);

CREATE INDEX catalog_collections_newest_idx ON catalog_collections (tenant_id, created_at DESC, id DESC);

GRANT SELECT, INSERT, UPDATE, DELETE ON catalog_collections TO luxewin_app;

ALTER TABLE catalog_collections ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_collections FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_collections TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE VIEW catalog_v_collections WITH (security_invoker = true) AS SELECT tenant_id, id, slug, name, description, version FROM catalog_collections;

GRANT SELECT ON catalog_v_collections TO luxewin_app;

CREATE TABLE catalog_imports (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    format TEXT NOT NULL,
    file_name TEXT NOT NULL,
    dry_run BOOLEAN NOT NULL,
    stock TEXT NOT NULL,
    status TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER,
    created_count INTEGER NOT NULL,
    changed_count INTEGER NOT NULL,
    unchanged_count INTEGER NOT NULL,
    error_count INTEGER NOT NULL,
    note TEXT,
    failure JSONB,
    actor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    lease_until TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    CONSTRAINT catalog_imports_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT catalog_imports_format_check CHECK (format IN ('shopify_csv')),
    CONSTRAINT catalog_imports_stock_check CHECK (stock IN ('keep', 'overwrite')),
    CONSTRAINT catalog_imports_status_check CHECK (status IN ('queued', 'running', 'completed', 'completed_with_errors', 'failed')),
    CONSTRAINT catalog_imports_progress_check CHECK (done >= 0 AND (total IS NULL OR done <= total)),
    CONSTRAINT catalog_imports_counts_check CHECK (created_count >= 0 AND changed_count >= 0 AND unchanged_count >= 0 AND error_count >= 0),
    CONSTRAINT catalog_imports_failure_check CHECK ((status = 'failed') = (failure IS NOT NULL))
);

CREATE INDEX catalog_imports_due_idx ON catalog_imports (tenant_id, created_at) WHERE status IN ('queued', 'running');

CREATE INDEX catalog_imports_newest_idx ON catalog_imports (tenant_id, created_at DESC, id DESC);

GRANT SELECT, INSERT, UPDATE ON catalog_imports TO luxewin_app;

ALTER TABLE catalog_imports ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_imports FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_imports TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE catalog_product_types (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    attributes JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT catalog_product_types_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT catalog_product_types_tenant_id_name_key_key UNIQUE (tenant_id, name_key),
    CONSTRAINT catalog_product_types_attributes_check CHECK (jsonb_typeof(attributes) = 'array')
);

GRANT SELECT, INSERT, UPDATE, DELETE ON catalog_product_types TO luxewin_app;

ALTER TABLE catalog_product_types ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_product_types FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_product_types TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE catalog_sheet_columns (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT catalog_sheet_columns_pkey PRIMARY KEY (tenant_id, name)
);

GRANT SELECT, INSERT ON catalog_sheet_columns TO luxewin_app;

ALTER TABLE catalog_sheet_columns ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_sheet_columns FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_sheet_columns TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE catalog_import_errors (
    tenant_id UUID NOT NULL,
    import_id UUID NOT NULL,
    number INTEGER NOT NULL,
    line INTEGER NOT NULL,
    "column" TEXT,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    CONSTRAINT catalog_import_errors_pkey PRIMARY KEY (tenant_id, import_id, number),
    CONSTRAINT catalog_import_errors_tenant_id_import_id_fkey FOREIGN KEY(tenant_id, import_id) REFERENCES catalog_imports (tenant_id, id)
);

GRANT SELECT, INSERT ON catalog_import_errors TO luxewin_app;

ALTER TABLE catalog_import_errors ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_import_errors FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_import_errors TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE catalog_import_pieces (
    tenant_id UUID NOT NULL,
    import_id UUID NOT NULL,
    number INTEGER NOT NULL,
    bytes BYTEA NOT NULL,
    CONSTRAINT catalog_import_pieces_pkey PRIMARY KEY (tenant_id, import_id, number),
    CONSTRAINT catalog_import_pieces_tenant_id_import_id_fkey FOREIGN KEY(tenant_id, import_id) REFERENCES catalog_imports (tenant_id, id)
);

GRANT SELECT, INSERT, DELETE ON catalog_import_pieces TO luxewin_app;

ALTER TABLE catalog_import_pieces ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_import_pieces FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_import_pieces TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE catalog_products (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT COLLATE "C" NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    category_id UUID,
    vendor_id UUID,
    product_type_id UUID,
    attributes JSONB NOT NULL,
    tags TEXT[] NOT NULL,
    images JSONB NOT NULL,
    options JSONB NOT NULL,
    currency TEXT NOT NULL,
    price_minor BIGINT NOT NULL,
    compare_at_minor BIGINT,
    extra JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    CONSTRAINT catalog_products_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT catalog_products_tenant_id_category_id_fkey FOREIGN KEY(tenant_id, category_id) REFERENCES catalog_categories (tenant_id, id),
    CONSTRAINT catalog_products_tenant_id_vendor_id_fkey FOREIGN KEY(tenant_id, vendor_id) REFERENCES vendors_vendors (tenant_id, id),
    CONSTRAINT catalog_products_tenant_id_product_type_id_fkey FOREIGN KEY(tenant_id, product_type_id) REFERENCES catalog_product_types (tenant_id, id),
    CONSTRAINT catalog_products_status_check CHECK (status IN ('draft', 'active', 'archived')),
    CONSTRAINT catalog_products_deleted_check CHECK (deleted_at IS NULL OR status = 'archived'),
    CONSTRAINT catalog_products_price_check CHECK (price_minor BETWEEN 0 AND 9007199254740991),
    CONSTRAINT catalog_products_compare_at_check CHECK (compare_at_minor BETWEEN 0 AND 9007199254740991),
    CONSTRAINT catalog_products_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT catalog_products_names_check CHECK (slug <> '' AND name <> ''),
    CONSTRAINT catalog_products_lists_check CHECK (jsonb_typeof(images) = 'array' AND jsonb_typeof(options) = 'array')
);

CREATE INDEX catalog_products_category_idx ON catalog_products (tenant_id, category_id);

CREATE INDEX catalog_products_live_idx ON catalog_products (tenant_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;

CREATE INDEX catalog_products_name_idx ON catalog_products (tenant_id, sort_name, id) WHERE status = 'active';

CREATE INDEX catalog_products_newest_idx ON catalog_products (tenant_id, created_at DESC, id DESC) WHERE status = 'active';

CREATE INDEX catalog_products_price_idx ON catalog_products (tenant_id, price_minor, id) WHERE status = 'active';

CREATE UNIQUE INDEX catalog_products_slug_key ON catalog_products (tenant_id, slug) WHERE deleted_at IS NULL;

CREATE INDEX catalog_products_type_idx ON catalog_products (tenant_id, product_type_id, id);

CREATE INDEX catalog_products_vendor_idx ON catalog_products (tenant_id, vendor_id, created_at DESC, id DESC);

GRANT SELECT, INSERT, UPDATE ON catalog_products TO luxewin_app;

ALTER TABLE catalog_products ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_products FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_products TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE VIEW catalog_v_products WITH (security_invoker = true) AS SELECT p.tenant_id, p.id, p.slug, p.name, p.sort_name, p.description, p.status, p.category_id, c.slug AS category_slug, c.name AS category_name, c.path AS category_path, p.vendor_id, v.name AS vendor_name, p.product_type_id, p.attributes, p.tags, p.images, p.options, p.currency, p.price_minor, p.compare_at_minor, p.created_at, p.updated_at, p.version FROM catalog_products p LEFT JOIN catalog_categories c ON c.tenant_id = p.tenant_id AND c.id = p.category_id LEFT JOIN vendors_v_vendors v ON v.tenant_id = p.tenant_id AND v.id = p.vendor_id WHERE p.deleted_at IS NULL;

GRANT SELECT ON catalog_v_products TO luxewin_app;

CREATE TABLE catalog_collection_products (
    tenant_id UUID NOT NULL,
    collection_id UUID NOT NULL,
    product_id UUID NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT catalog_collection_products_pkey PRIMARY KEY (tenant_id, collection_id, product_id),
    CONSTRAINT catalog_collection_products_tenant_id_collection_id_fkey FOREIGN KEY(tenant_id, collection_id) REFERENCES catalog_collections (tenant_id, id),
    CONSTRAINT catalog_collection_products_tenant_id_product_id_fkey FOREIGN KEY(tenant_id, product_id) REFERENCES catalog_products (tenant_id, id)
);

CREATE INDEX catalog_collection_products_order_idx ON catalog_collection_products (tenant_id, collection_id, position);

CREATE INDEX catalog_collection_products_product_idx ON catalog_collection_products (tenant_id, product_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON catalog_collection_products TO luxewin_app;

ALTER TABLE catalog_collection_products ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_collection_products FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_collection_products TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE VIEW catalog_v_collection_products WITH (security_invoker = true) AS SELECT tenant_id, collection_id, product_id, position FROM catalog_collection_products;

GRANT SELECT ON catalog_v_collection_products TO luxewin_app;

CREATE TABLE catalog_product_categories (
    tenant_id UUID NOT NULL,
    category_id UUID NOT NULL,
    product_id UUID NOT NULL,
    CONSTRAINT catalog_product_categories_pkey PRIMARY KEY (tenant_id, category_id, product_id),
    CONSTRAINT catalog_product_categories_tenant_id_category_id_fkey FOREIGN KEY(tenant_id, category_id) REFERENCES catalog_categories (tenant_id, id),
    CONSTRAINT catalog_product_categories_tenant_id_product_id_fkey FOREIGN KEY(tenant_id, product_id) REFERENCES catalog_products (tenant_id, id)
);

CREATE INDEX catalog_product_categories_product_idx ON catalog_product_categories (tenant_id, product_id);

GRANT SELECT, INSERT, DELETE ON catalog_product_categories TO luxewin_app;

ALTER TABLE catalog_product_categories ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_product_categories FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_product_categories TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE VIEW catalog_v_product_categories WITH (security_invoker = true) AS SELECT tenant_id, category_id, product_id FROM catalog_product_categories;

GRANT SELECT ON catalog_v_product_categories TO luxewin_app;

CREATE TABLE catalog_product_tags (
    tenant_id UUID NOT NULL,
    tag_key TEXT NOT NULL,
    product_id UUID NOT NULL,
    CONSTRAINT catalog_product_tags_pkey PRIMARY KEY (tenant_id, tag_key, product_id),
    CONSTRAINT catalog_product_tags_tenant_id_product_id_fkey FOREIGN KEY(tenant_id, product_id) REFERENCES catalog_products (tenant_id, id)
);

CREATE INDEX catalog_product_tags_product_idx ON catalog_product_tags (tenant_id, product_id);

GRANT SELECT, INSERT, DELETE ON catalog_product_tags TO luxewin_app;

ALTER TABLE catalog_product_tags ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_product_tags FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_product_tags TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE VIEW catalog_v_product_tags WITH (security_invoker = true) AS SELECT tenant_id, tag_key, product_id FROM catalog_product_tags;

GRANT SELECT ON catalog_v_product_tags TO luxewin_app;

CREATE TABLE catalog_variants (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    product_id UUID NOT NULL,
    position INTEGER NOT NULL,
    options JSONB NOT NULL,
    option_key TEXT NOT NULL,
    sku TEXT,
    barcode TEXT NOT NULL,
    currency TEXT NOT NULL,
    price_minor BIGINT NOT NULL,
    compare_at_minor BIGINT,
    cost_minor BIGINT,
    weight_grams BIGINT,
    requires_shipping BOOLEAN NOT NULL,
    taxable BOOLEAN NOT NULL,
    tax_code TEXT NOT NULL,
    image_url TEXT,
    extra JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT catalog_variants_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT catalog_variants_tenant_id_product_id_fkey FOREIGN KEY(tenant_id, product_id) REFERENCES catalog_products (tenant_id, id),
    CONSTRAINT catalog_variants_price_check CHECK (price_minor BETWEEN 0 AND 9007199254740991),
    CONSTRAINT catalog_variants_compare_at_check CHECK (compare_at_minor BETWEEN 0 AND 9007199254740991),
    CONSTRAINT catalog_variants_cost_check CHECK (cost_minor BETWEEN 0 AND 9007199254740991),
    CONSTRAINT catalog_variants_weight_check CHECK (weight_grams BETWEEN 0 AND 2147483647),
    CONSTRAINT catalog_variants_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT catalog_variants_sku_check CHECK (sku <> ''),
    CONSTRAINT catalog_variants_options_check CHECK (jsonb_typeof(options) = 'object')
);

CREATE UNIQUE INDEX catalog_variants_options_key ON catalog_variants (tenant_id, product_id, option_key) WHERE deleted_at IS NULL;

CREATE INDEX catalog_variants_product_idx ON catalog_variants (tenant_id, product_id, position);

CREATE UNIQUE INDEX catalog_variants_sku_key ON catalog_variants (tenant_id, sku) WHERE deleted_at IS NULL AND sku IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON catalog_variants TO luxewin_app;

ALTER TABLE catalog_variants ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_variants FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_variants TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE VIEW catalog_v_variants WITH (security_invoker = true) AS SELECT tenant_id, id, product_id, position, sku, options, currency, price_minor, compare_at_minor, weight_grams, requires_shipping, taxable, image_url FROM catalog_variants WHERE deleted_at IS NULL;

GRANT SELECT ON catalog_v_variants TO luxewin_app;
