-- Products and orders in bulk, for the tenant app.tenant_id, as many as trial.products and trial.orders say. All
-- invariants hold: stock has its movements; the orders expired unpaid, and have their history.
CREATE TEMPORARY VIEW ours AS
SELECT t.tenant_id, l.id AS location_id
FROM (SELECT current_setting('app.tenant_id')::uuid AS tenant_id) t
JOIN inventory_locations l ON l.tenant_id = t.tenant_id AND l.is_default;

INSERT INTO catalog_products (tenant_id, id, slug, name, sort_name, description, status, attributes, tags, images,
    options, currency, price_minor, extra, created_at, updated_at, version)
SELECT tenant_id, md5('trial product ' || i)::uuid, 'bench-piece-' || i, 'Oak piece ' || i, 'oak piece ' || i,
    'Made of oak', 'active', '{}', '{}', '[]', '[]', 'USD', 1000 + i % 99000, '{}',
    now() - interval '1 year' + i * interval '1 second', now(), 1
FROM ours CROSS JOIN generate_series(0, current_setting('trial.products')::int - 1) i;

INSERT INTO catalog_variants (tenant_id, id, product_id, position, options, option_key, sku, barcode, currency,
    price_minor, requires_shipping, taxable, tax_code, extra, created_at, updated_at)
SELECT tenant_id, md5('trial variant ' || slug)::uuid, id, 1, '{}', '', slug, '', 'USD', price_minor, true, true, '',
    '{}', now(), now()
FROM catalog_products WHERE slug LIKE 'bench-piece-%';

INSERT INTO inventory_variants (tenant_id, variant_id, tracked, in_stock, version)
SELECT tenant_id, id, true, true, 1 FROM catalog_variants WHERE sku LIKE 'bench-piece-%';

INSERT INTO inventory_stock (tenant_id, variant_id, location_id, on_hand, reserved, backorder_limit)
SELECT o.tenant_id, v.id, o.location_id, 1000000, 0, 0
FROM ours o JOIN catalog_variants v ON v.tenant_id = o.tenant_id AND v.sku LIKE 'bench-piece-%';

INSERT INTO inventory_movements (tenant_id, id, variant_id, location_id, kind, delta, at)
SELECT tenant_id, md5('trial movement ' || variant_id)::uuid, variant_id, location_id, 'received', on_hand, now()
FROM inventory_stock s JOIN ours USING (tenant_id, location_id) WHERE on_hand = 1000000;

INSERT INTO orders_orders (tenant_id, id, number, email, email_key, status, currency, subtotal_minor, discount_minor,
    shipping_minor, tax_minor, total_minor, shipping_method, shipping_address, placed_at, expires_at, updated_at,
    version)
SELECT tenant_id, md5('trial order ' || i)::uuid, 'TRIAL-' || i, 'buyer-' || i || '@example.com',
    'buyer-' || i || '@example.com', 'expired', 'USD', 5000,
    0, 0, 0, 5000, 'standard', '{}', now() - i * interval '1 minute', now() - i * interval '1 minute', now(), 2
FROM ours CROSS JOIN generate_series(1, current_setting('trial.orders')::int) i;

INSERT INTO orders_lines (tenant_id, id, order_id, position, kind, variant_id, product_id, product_slug, name, options,
    quantity, unit_price_minor, total_minor, tax_minor)
SELECT tenant_id, md5('trial line ' || number)::uuid, id, 1, 'goods', md5('trial variant bench-piece-0')::uuid,
    md5('trial product 0')::uuid, 'bench-piece-0', 'Oak piece 0', '{}', 1, 5000, 5000, 0
FROM orders_orders WHERE number LIKE 'TRIAL-%';

INSERT INTO orders_history (tenant_id, id, order_id, at, status, actor)
SELECT o.tenant_id, md5('trial history ' || o.number || h.status)::uuid, o.id, o.placed_at + h.after, h.status, 'system'
FROM orders_orders o
CROSS JOIN (VALUES ('pending_payment', interval '0'), ('expired', interval '1 ms')) AS h(status, after)
WHERE o.number LIKE 'TRIAL-%';

DROP VIEW ours;
