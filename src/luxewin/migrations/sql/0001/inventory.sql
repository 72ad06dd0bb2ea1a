CREATE TABLE inventory_locations (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT inventory_locations_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT inventory_locations_tenant_id_code_key UNIQUE (tenant_id, code)
);

GRANT SELECT, INSERT ON inventory_locations TO luxewin_app;

ALTER TABLE inventory_locations ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory_locations FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON inventory_locations TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE inventory_variants (
    tenant_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    tracked BOOLEAN NOT NULL,
    in_stock BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT inventory_variants_pkey PRIMARY KEY (tenant_id, variant_id),
    CONSTRAINT inventory_variants_untracked_is_in_stock_check CHECK (tracked OR in_stock),
    CONSTRAINT inventory_variants_version_check CHECK (version > 0)
);

GRANT SELECT, INSERT, UPDATE (tracked, in_stock, version) ON inventory_variants TO luxewin_app;

GRANT SELECT ON inventory_variants TO luxewin_system;

ALTER TABLE inventory_variants ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory_variants FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON inventory_variants TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON inventory_variants TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE inventory_stock (
    tenant_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    location_id UUID NOT NULL,
    on_hand BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    backorder_limit BIGINT NOT NULL,
    available BIGINT GENERATED ALWAYS AS (on_hand - reserved + backorder_limit) STORED NOT NULL,
    CONSTRAINT inventory_stock_pkey PRIMARY KEY (tenant_id, variant_id, location_id),
    CONSTRAINT inventory_stock_tenant_id_variant_id_fkey FOREIGN KEY(tenant_id, variant_id) REFERENCES inventory_variants (tenant_id, variant_id),
    CONSTRAINT inventory_stock_tenant_id_location_id_fkey FOREIGN KEY(tenant_id, location_id) REFERENCES inventory_locations (tenant_id, id),
    CONSTRAINT inventory_stock_on_hand_check CHECK (on_hand >= 0),
    CONSTRAINT inventory_stock_reserved_check CHECK (reserved >= 0),
    CONSTRAINT inventory_stock_backorder_limit_check CHECK (backorder_limit >= 0),
    CONSTRAINT inventory_stock_never_oversold_check CHECK (reserved <= on_hand + backorder_limit)
);

CREATE INDEX inventory_stock_location_idx ON inventory_stock (tenant_id, location_id, variant_id);

GRANT SELECT, INSERT, UPDATE (on_hand, reserved, backorder_limit) ON inventory_stock TO luxewin_app;

GRANT SELECT ON inventory_stock TO luxewin_system;

ALTER TABLE inventory_stock ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory_stock FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON inventory_stock TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON inventory_stock TO luxewin_system USING (true) WITH CHECK (true);

ALTER TABLE inventory_stock SET (fillfactor = 70);

CREATE FUNCTION inventory_note_flip() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    variant inventory_variants;
    now_in_stock boolean;
BEGIN
    SELECT * INTO variant FROM inventory_variants v
    WHERE v.tenant_id = NEW.tenant_id AND v.variant_id = NEW.variant_id FOR NO KEY UPDATE;
    -- A statement of its own, so that it sees what those who held the lock before have committed.
    SELECT NOT variant.tracked OR coalesce(sum(s.available), 0) > 0 INTO now_in_stock FROM inventory_stock s
    WHERE s.tenant_id = NEW.tenant_id AND s.variant_id = NEW.variant_id;
    IF now_in_stock <> variant.in_stock THEN
        UPDATE inventory_variants v SET in_stock = now_in_stock, version = v.version + 1
        WHERE v.tenant_id = NEW.tenant_id AND v.variant_id = NEW.variant_id;
        INSERT INTO kit_outbox
            (tenant_id, id, type, schema_version, aggregate_id, aggregate_version, occurred_at, payload)
        VALUES (NEW.tenant_id, gen_random_uuid(), 'inventory.stock_flipped', 1, NEW.variant_id,
            variant.version + 1, kit_now(),
            jsonb_build_object('variant_id', NEW.variant_id, 'in_stock', now_in_stock));
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER a_new_shelf_may_flip AFTER INSERT ON inventory_stock FOR EACH ROW
WHEN (NEW.available > 0) EXECUTE FUNCTION inventory_note_flip();

CREATE TRIGGER a_shelf_may_flip AFTER UPDATE ON inventory_stock FOR EACH ROW
WHEN ((OLD.available > 0) <> (NEW.available > 0)) EXECUTE FUNCTION inventory_note_flip();

CREATE TRIGGER tracking_may_flip AFTER UPDATE OF tracked ON inventory_variants FOR EACH ROW
WHEN (OLD.tracked <> NEW.tracked) EXECUTE FUNCTION inventory_note_flip();

CREATE VIEW inventory_v_availability WITH (security_invoker = true) AS
SELECT v.tenant_id, v.variant_id, CASE WHEN v.tracked THEN coalesce(s.available, 0) END AS available, v.in_stock
FROM inventory_variants v LEFT JOIN LATERAL (
    SELECT sum(available)::bigint AS available FROM inventory_stock
    WHERE tenant_id = v.tenant_id AND variant_id = v.variant_id
) AS s ON true;

GRANT SELECT ON inventory_v_availability TO luxewin_app, luxewin_system;

CREATE TABLE inventory_movements (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    variant_id UUID NOT NULL,
    location_id UUID NOT NULL,
    kind TEXT NOT NULL,
    delta BIGINT NOT NULL,
    reason TEXT,
    cause_id UUID,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT inventory_movements_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT inventory_movements_tenant_id_variant_id_location_id_fkey FOREIGN KEY(tenant_id, variant_id, location_id) REFERENCES inventory_stock (tenant_id, variant_id, location_id),
    CONSTRAINT inventory_movements_kind_check CHECK (kind IN ('received', 'sold', 'restocked', 'adjusted', 'transferred')),
    CONSTRAINT inventory_movements_delta_check CHECK (delta <> 0),
    CONSTRAINT inventory_movements_sold_goes_out_check CHECK (kind <> 'sold' OR delta < 0),
    CONSTRAINT inventory_movements_received_comes_in_check CHECK (kind NOT IN ('received', 'restocked') OR delta > 0)
);

CREATE INDEX inventory_movements_variant_idx ON inventory_movements (tenant_id, variant_id, at DESC, id DESC);

GRANT SELECT, INSERT ON inventory_movements TO luxewin_app;

GRANT SELECT ON inventory_movements TO luxewin_system;

ALTER TABLE inventory_movements ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory_movements FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON inventory_movements TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON inventory_movements TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE inventory_reservations (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    owner_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    location_id UUID NOT NULL,
    quantity BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    settled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT inventory_reservations_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT inventory_reservations_tenant_id_variant_id_location_id_fkey FOREIGN KEY(tenant_id, variant_id, location_id) REFERENCES inventory_stock (tenant_id, variant_id, location_id),
    CONSTRAINT inventory_reservations_quantity_check CHECK (quantity > 0),
    CONSTRAINT inventory_reservations_status_check CHECK (status IN ('active', 'consumed', 'released', 'expired')),
    CONSTRAINT inventory_reservations_settled_check CHECK ((status = 'active') = (settled_at IS NULL))
);

CREATE INDEX inventory_reservations_active_idx ON inventory_reservations (tenant_id, variant_id, location_id, expires_at) WHERE status = 'active';

CREATE INDEX inventory_reservations_owner_idx ON inventory_reservations (tenant_id, owner_id);

GRANT SELECT, INSERT, UPDATE (status, expires_at, settled_at) ON inventory_reservations TO luxewin_app;

GRANT SELECT ON inventory_reservations TO luxewin_system;

ALTER TABLE inventory_reservations ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory_reservations FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON inventory_reservations TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON inventory_reservations TO luxewin_system USING (true) WITH CHECK (true);

CREATE FUNCTION inventory_reservation_has_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'reservation % is % already', OLD.id, OLD.status USING ERRCODE = 'check_violation';
END
$$;

CREATE TRIGGER a_reservation_ends_once BEFORE UPDATE ON inventory_reservations FOR EACH ROW
WHEN (OLD.status <> 'active') EXECUTE FUNCTION inventory_reservation_has_ended();
