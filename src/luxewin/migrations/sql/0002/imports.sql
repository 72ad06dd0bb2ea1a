-- What waits or is half done begins again with the check; all that it has brought in is found unchanged then.
ALTER TABLE catalog_imports
    ADD COLUMN on_error TEXT NOT NULL DEFAULT 'skip',
    ADD COLUMN phase TEXT NOT NULL DEFAULT 'checking',
    ADD COLUMN percent INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN undoes UUID,
    ADD COLUMN undone_by UUID,
    DROP CONSTRAINT catalog_imports_format_check,
    ADD CONSTRAINT catalog_imports_format_check CHECK (format IN ('shopify_csv', 'jsonl')) NOT VALID,
    ADD CONSTRAINT catalog_imports_on_error_check CHECK (on_error IN ('abort', 'skip')) NOT VALID,
    ADD CONSTRAINT catalog_imports_phase_check CHECK (phase IN ('checking', 'writing', 'taking_back')) NOT VALID,
    ADD CONSTRAINT catalog_imports_percent_check CHECK (percent BETWEEN 0 AND 100) NOT VALID,
    ADD CONSTRAINT catalog_imports_tenant_id_undoes_fkey FOREIGN KEY(tenant_id, undoes) REFERENCES catalog_imports (tenant_id, id) NOT VALID,
    ADD CONSTRAINT catalog_imports_tenant_id_undone_by_fkey FOREIGN KEY(tenant_id, undone_by) REFERENCES catalog_imports (tenant_id, id) NOT VALID;

CREATE TABLE catalog_import_changes (
    tenant_id UUID NOT NULL,
    import_id UUID NOT NULL,
    number INTEGER NOT NULL,
    line INTEGER NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    fields JSONB NOT NULL,
    product_id UUID,
    product_version BIGINT,
    before JSONB,
    stock JSONB,
    taken_back BOOLEAN NOT NULL,
    CONSTRAINT catalog_import_changes_pkey PRIMARY KEY (tenant_id, import_id, number),
    CONSTRAINT catalog_import_changes_tenant_id_import_id_fkey FOREIGN KEY(tenant_id, import_id) REFERENCES catalog_imports (tenant_id, id),
    CONSTRAINT catalog_import_changes_outcome_check CHECK (outcome IN ('created', 'changed', 'unchanged'))
);

GRANT SELECT, INSERT, UPDATE (taken_back), DELETE ON catalog_import_changes TO luxewin_app;

ALTER TABLE catalog_import_changes ENABLE ROW LEVEL SECURITY;

ALTER TABLE catalog_import_changes FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON catalog_import_changes TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE FUNCTION kit_take_statistics(names text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    name text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(1280835588) THEN
        RETURN;
    END IF;
    FOREACH name IN ARRAY names LOOP
        EXECUTE format('ANALYZE public.%I', name);
    END LOOP;
END
$$;

COMMENT ON FUNCTION kit_take_statistics(text[]) IS
    'Tells the planner how large tables have become; they are analysed by their owner, one transaction at a time.';

REVOKE ALL ON FUNCTION kit_take_statistics(text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION kit_take_statistics(text[]) TO luxewin_app;
