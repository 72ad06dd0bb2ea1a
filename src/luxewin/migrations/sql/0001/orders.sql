CREATE TABLE orders_orders (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    user_id UUID,
    email TEXT,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    subtotal_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,
    shipping_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    shipping_method TEXT NOT NULL,
    shipping_address JSONB NOT NULL,
    placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT orders_orders_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT orders_orders_tenant_id_number_key UNIQUE (tenant_id, number),
    CONSTRAINT orders_orders_status_check CHECK (status IN ('pending_payment', 'paid', 'part_fulfilled', 'fulfilled', 'completed', 'cancelled', 'expired')),
    CONSTRAINT orders_orders_total_check CHECK (total_minor = subtotal_minor - discount_minor + shipping_minor + tax_minor),
    CONSTRAINT orders_orders_amounts_check CHECK (total_minor >= 0 AND subtotal_minor >= 0 AND discount_minor >= 0 AND shipping_minor >= 0 AND tax_minor >= 0),
    CONSTRAINT orders_orders_buyer_check CHECK (user_id IS NOT NULL OR email IS NOT NULL)
);

CREATE INDEX orders_orders_due_idx ON orders_orders (tenant_id, expires_at) WHERE status = 'pending_payment';

CREATE INDEX orders_orders_placed_idx ON orders_orders (tenant_id, placed_at DESC, id DESC);

CREATE INDEX orders_orders_status_idx ON orders_orders (tenant_id, status, placed_at DESC, id DESC);

CREATE INDEX orders_orders_user_idx ON orders_orders (tenant_id, user_id, placed_at DESC, id DESC);

GRANT SELECT, INSERT, UPDATE ON orders_orders TO luxewin_app;

GRANT SELECT ON orders_orders TO luxewin_system;

ALTER TABLE orders_orders ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders_orders FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON orders_orders TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON orders_orders TO luxewin_system USING (true) WITH CHECK (true);

CREATE VIEW orders_v_orders WITH (security_invoker = true) AS
    SELECT tenant_id, id, status, placed_at FROM orders_orders;

GRANT SELECT ON orders_v_orders TO luxewin_app, luxewin_system;

CREATE TABLE orders_history (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    status TEXT NOT NULL,
    actor TEXT NOT NULL,
    note TEXT,
    CONSTRAINT orders_history_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT orders_history_tenant_id_order_id_fkey FOREIGN KEY(tenant_id, order_id) REFERENCES orders_orders (tenant_id, id)
);

CREATE INDEX orders_history_order_idx ON orders_history (tenant_id, order_id, id);

GRANT SELECT, INSERT ON orders_history TO luxewin_app;

GRANT SELECT ON orders_history TO luxewin_system;

ALTER TABLE orders_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders_history FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON orders_history TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON orders_history TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE orders_lines (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    variant_id UUID NOT NULL,
    product_id UUID NOT NULL,
    product_slug TEXT NOT NULL,
    name TEXT NOT NULL,
    sku TEXT,
    options JSONB NOT NULL,
    image_url TEXT,
    vendor_id UUID,
    quantity INTEGER NOT NULL,
    unit_price_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    refunded_quantity INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT orders_lines_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT orders_lines_tenant_id_order_id_fkey FOREIGN KEY(tenant_id, order_id) REFERENCES orders_orders (tenant_id, id),
    CONSTRAINT orders_lines_tenant_id_order_id_position_key UNIQUE (tenant_id, order_id, position),
    CONSTRAINT orders_lines_kind_check CHECK (kind IN ('goods', 'ticket', 'subscription')),
    CONSTRAINT orders_lines_quantity_check CHECK (quantity > 0),
    CONSTRAINT orders_lines_amounts_check CHECK (unit_price_minor >= 0 AND tax_minor >= 0),
    CONSTRAINT orders_lines_total_check CHECK (total_minor = unit_price_minor * quantity),
    CONSTRAINT orders_lines_refunded_quantity_check CHECK (refunded_quantity BETWEEN 0 AND quantity)
);

GRANT SELECT, INSERT, UPDATE (refunded_quantity) ON orders_lines TO luxewin_app;

GRANT SELECT ON orders_lines TO luxewin_system;

ALTER TABLE orders_lines ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders_lines FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON orders_lines TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON orders_lines TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE orders_refunds (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    currency TEXT NOT NULL,
    goods_minor BIGINT NOT NULL,
    shipping_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT orders_refunds_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT orders_refunds_tenant_id_order_id_fkey FOREIGN KEY(tenant_id, order_id) REFERENCES orders_orders (tenant_id, id),
    CONSTRAINT orders_refunds_parts_check CHECK (goods_minor >= 0 AND shipping_minor >= 0 AND tax_minor >= 0)
);

CREATE INDEX orders_refunds_order_idx ON orders_refunds (tenant_id, order_id, id);

GRANT SELECT, INSERT ON orders_refunds TO luxewin_app;

GRANT SELECT ON orders_refunds TO luxewin_system;

ALTER TABLE orders_refunds ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders_refunds FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON orders_refunds TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON orders_refunds TO luxewin_system USING (true) WITH CHECK (true);
