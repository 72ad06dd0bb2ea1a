-- The payment status is stored with the order, and kept by a trigger, so that orders can be listed by it.
ALTER TABLE orders_orders
    ADD COLUMN payment_status TEXT NOT NULL DEFAULT 'unpaid',
    ADD COLUMN email_key TEXT,
    ADD CONSTRAINT orders_orders_payment_status_check CHECK (
        payment_status IN ('unpaid', 'unknown', 'authorised', 'paid', 'part_refunded', 'refunded', 'disputed')
    ) NOT VALID;

CREATE FUNCTION orders_store_payment_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid record;
BEGIN
    FOR paid IN SELECT DISTINCT tenant_id, order_id FROM new_events LOOP
        PERFORM FROM orders_orders WHERE tenant_id = paid.tenant_id AND id = paid.order_id FOR NO KEY UPDATE;
        -- A statement of its own, so that it sees the events of those who held the lock before.
        UPDATE orders_orders o SET payment_status = s.status FROM payments_v_statuses s
        WHERE s.tenant_id = paid.tenant_id AND s.order_id = paid.order_id
            AND o.tenant_id = paid.tenant_id AND o.id = paid.order_id AND o.payment_status <> s.status;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE TRIGGER orders_payment_status AFTER INSERT ON payments_events REFERENCING NEW TABLE AS new_events
    FOR EACH STATEMENT EXECUTE FUNCTION orders_store_payment_status();
