-- The payment status of each order, derived from its events.
CREATE VIEW payments_v_statuses WITH (security_invoker = true) AS
    SELECT tenant_id, order_id, CASE
        WHEN sum(disputed) > 0 THEN 'disputed'
        WHEN sum(captured) > 0 AND sum(refunded) >= sum(captured) THEN 'refunded'
        WHEN sum(captured) > 0 AND sum(refunded) > 0 THEN 'part_refunded'
        WHEN sum(captured) > 0 THEN 'paid'
        WHEN sum(authorised) > 0 THEN 'authorised'
        WHEN bool_or(is_unknown) THEN 'unknown'
        ELSE 'unpaid' END AS status
    FROM (
        SELECT tenant_id, order_id, attempt_id,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'disputed'), 0) AS disputed,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'captured'), 0) AS captured,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'refunded'), 0) AS refunded,
            CASE WHEN bool_or(type IN ('voided', 'expired')) THEN 0
                ELSE coalesce(sum(amount_minor) FILTER (WHERE type = 'authorised'), 0) END AS authorised,
            bool_and(type = 'unknown') AS is_unknown
        FROM payments_events GROUP BY tenant_id, order_id, attempt_id
    ) AS attempts GROUP BY tenant_id, order_id;

GRANT SELECT ON payments_v_statuses TO luxewin_app, luxewin_system;
