CREATE TABLE shipping_methods (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    countries TEXT[],
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT shipping_methods_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT shipping_methods_tenant_id_code_key UNIQUE (tenant_id, code),
    CONSTRAINT shipping_methods_code_check CHECK (code <> 'none'),
    CONSTRAINT shipping_methods_amount_check CHECK (amount_minor BETWEEN 0 AND 9007199254740991),
    CONSTRAINT shipping_methods_currency_check CHECK (char_length(currency) = 3),
    CONSTRAINT shipping_methods_countries_check CHECK (cardinality(countries) > 0),
    CONSTRAINT shipping_methods_version_check CHECK (version > 0)
);

CREATE INDEX shipping_methods_price_idx ON shipping_methods (tenant_id, amount_minor, code);

GRANT SELECT, INSERT, UPDATE, DELETE ON shipping_methods TO luxewin_app;

ALTER TABLE shipping_methods ENABLE ROW LEVEL SECURITY;

ALTER TABLE shipping_methods FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON shipping_methods TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
