-- The methods on offer, which carts read to show what their order would cost.
CREATE VIEW shipping_v_methods WITH (security_invoker = true) AS
    SELECT tenant_id, id, code, name, amount_minor, currency, countries, active, version
    FROM shipping_methods WHERE active;

GRANT SELECT ON shipping_v_methods TO luxewin_app;
