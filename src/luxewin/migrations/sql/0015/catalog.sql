-- Products of a suspended vendor are not for sale.
CREATE OR REPLACE VIEW catalog_v_products WITH (security_invoker = true) AS
SELECT p.tenant_id, p.id, p.slug, p.name, p.sort_name, p.description, p.status, p.category_id,
    c.slug AS category_slug, c.name AS category_name, c.path AS category_path, p.vendor_id,
    v.name AS vendor_name, p.product_type_id, p.attributes, p.tags, p.images, p.options, p.currency,
    p.price_minor, p.compare_at_minor, p.created_at, p.updated_at, p.version,
    p.extra ->> 'seo_title' AS seo_title, p.extra ->> 'seo_description' AS seo_description,
    v.status AS vendor_status
FROM catalog_products p
LEFT JOIN catalog_categories c ON c.tenant_id = p.tenant_id AND c.id = p.category_id
LEFT JOIN vendors_v_vendors v ON v.tenant_id = p.tenant_id AND v.id = p.vendor_id
WHERE p.deleted_at IS NULL;
