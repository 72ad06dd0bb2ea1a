ALTER TABLE catalog_imports
    ADD COLUMN variants TEXT NOT NULL DEFAULT 'keep',
    ADD COLUMN on_duplicate_sku TEXT NOT NULL DEFAULT 'clear',
    ADD COLUMN reading_options JSONB,
    ADD COLUMN reading JSONB,
    ADD COLUMN note_count INTEGER NOT NULL DEFAULT 0,
    ADD CONSTRAINT catalog_imports_variants_check CHECK (variants IN ('keep', 'replace')) NOT VALID,
    ADD CONSTRAINT catalog_imports_on_duplicate_sku_check CHECK (on_duplicate_sku IN ('refuse', 'clear', 'suffix')) NOT VALID,
    ADD CONSTRAINT catalog_imports_note_count_check CHECK (note_count >= 0) NOT VALID;

CREATE TABLE catalog_import_notes (
    tenant_id UUID NOT NULL,
    import_id UUID NOT NULL,
    number INTEGER NOT NULL,
    line INTEGER NOT NULL,
    "column" TEXT,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    CONSTRAINT catalog_import_notes_pkey PRIMARY KEY (tenant_id, import_id, number),
    CONSTRAINT catalog_import_notes_tenant_id_import_id_fkey FOREIGN KEY(tenant_id, import_id) REFERENCES catalog_imports (tenant_id, id)
);

GRANT SELECT, INSERT ON catalog_import_notes TO luxewin_app;

ALTER TABLE catalog_import_notes ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_import_notes FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_import_notes TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
