-- Twenty thousand products of the tenant that app.tenant_id names: some categories and tags hold many, others few.
CREATE TEMPORARY VIEW ours AS SELECT current_setting('app.tenant_id')::uuid AS tenant_id;

INSERT INTO vendors_vendors (tenant_id, id, slug, name, name_key, status, created_at, updated_at, version)
SELECT tenant_id, md5('v' || i)::uuid, 'vendor-' || i, 'Vendor ' || i, 'vendor ' || i, 'active', now(), now(), 1
FROM ours CROSS JOIN generate_series(1, 40) i;

INSERT INTO inventory_locations (tenant_id, id, code, name, is_default, created_at)
SELECT tenant_id, md5('shelf')::uuid, 'main', 'Main', true, now() FROM ours;

INSERT INTO catalog_categories (tenant_id, id, slug, name, name_key, path, path_key, lineage, position, created_at,
    updated_at, version)
SELECT tenant_id, md5('c' || i)::uuid, 'category-' || i, 'Category ' || i, 'category ' || i, 'Category ' || i,
    'category ' || i, ARRAY[md5('c' || i)::uuid], i, now(), now(), 1
FROM ours CROSS JOIN generate_series(1, 100) i;

INSERT INTO catalog_products (tenant_id, id, slug, name, sort_name, description, status, category_id, vendor_id,
    attributes, tags, images, options, currency, price_minor, extra, created_at, updated_at, version)
SELECT tenant_id, md5('p' || i)::uuid, 'product-' || i, 'Product ' || i, 'product ' || i, 'A wonderful piece',
    CASE WHEN i % 20 = 0 THEN 'draft' ELSE 'active' END, md5('c' || greatest(1, i % 200 - 99))::uuid,
    md5('v' || (i % 40 + 1))::uuid, '{}', ARRAY['Tag ' || (i % 3), 'Tag ' || (1000 + i % 500)], '[]', '[]', 'USD',
    i * 7919 % 100000, '{}', timestamptz '2026-01-01' + i * interval '1 minute', now(), 1
FROM ours CROSS JOIN generate_series(1, 20000) i;

INSERT INTO catalog_product_categories (tenant_id, category_id, product_id)
SELECT tenant_id, category_id, id FROM catalog_products;

INSERT INTO catalog_product_tags (tenant_id, tag_key, product_id)
SELECT tenant_id, lower(unnest(tags)), id FROM catalog_products;

INSERT INTO catalog_variants (tenant_id, id, product_id, position, options, option_key, sku, barcode, currency,
    price_minor, requires_shipping, taxable, tax_code, extra, created_at, updated_at)
SELECT tenant_id, md5('x' || slug || n)::uuid, id, n, '{}', n::text, slug || '-' || n, '', 'USD', price_minor, true,
    true, '', '{}', now(), now()
FROM catalog_products CROSS JOIN generate_series(1, 2) n;

INSERT INTO inventory_variants (tenant_id, variant_id, tracked, in_stock, version)
SELECT tenant_id, id, true, false, 1 FROM catalog_variants;

-- Of every thirtieth product one variant is sold out, of every three hundredth both.
INSERT INTO inventory_stock (tenant_id, variant_id, location_id, on_hand, reserved, backorder_limit)
SELECT tenant_id, md5('x' || 'product-' || i || n)::uuid, md5('shelf')::uuid,
    CASE WHEN i % 300 = 7 OR (i % 30 = 7 AND n = 2) THEN 0 ELSE 9 END, 0, 0
FROM ours CROSS JOIN generate_series(1, 20000) i CROSS JOIN generate_series(1, 2) n;

INSERT INTO storefront_search (tenant_id, product_id, product_version, title, title_words, document)
SELECT tenant_id, id, 1, name, sort_name, setweight(to_tsvector('english', sort_name), 'A')
    || setweight(to_tsvector('english', description), 'D') || array_to_tsvector(ARRAY['@' || tenant_id::text])
FROM catalog_products WHERE status = 'active';

DROP VIEW ours;
