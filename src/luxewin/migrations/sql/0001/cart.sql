CREATE TABLE cart_carts (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID,
    token_hash BYTEA,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT cart_carts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT cart_carts_tenant_id_token_hash_key UNIQUE (tenant_id, token_hash),
    CONSTRAINT cart_carts_owner_check CHECK ((user_id IS NULL) <> (token_hash IS NULL)),
    CONSTRAINT cart_carts_token_hash_check CHECK (octet_length(token_hash) = 32),
    CONSTRAINT cart_carts_status_check CHECK (status IN ('open', 'ordered', 'merged')),
    CONSTRAINT cart_carts_version_check CHECK (version > 0)
);

CREATE UNIQUE INDEX cart_carts_open_of_user_idx ON cart_carts (tenant_id, user_id) WHERE status = 'open';

GRANT SELECT, INSERT, UPDATE (status, updated_at, version) ON cart_carts TO luxewin_app;

ALTER TABLE cart_carts ENABLE ROW LEVEL SECURITY;

ALTER TABLE cart_carts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON cart_carts TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE VIEW cart_v_carts WITH (security_invoker = true) AS SELECT tenant_id, id, status FROM cart_carts;

GRANT SELECT ON cart_v_carts TO luxewin_app;

CREATE TABLE cart_items (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    cart_id UUID NOT NULL,
    kind TEXT NOT NULL,
    variant_id UUID NOT NULL,
    quantity INTEGER NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT cart_items_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT cart_items_tenant_id_cart_id_fkey FOREIGN KEY(tenant_id, cart_id) REFERENCES cart_carts (tenant_id, id),
    CONSTRAINT cart_items_tenant_id_cart_id_variant_id_key UNIQUE (tenant_id, cart_id, variant_id),
    CONSTRAINT cart_items_kind_check CHECK (kind IN ('goods', 'ticket', 'subscription')),
    CONSTRAINT cart_items_quantity_check CHECK (quantity BETWEEN 1 AND 10000)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON cart_items TO luxewin_app;

ALTER TABLE cart_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE cart_items FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON cart_items TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
