CREATE TABLE payments_attempts (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    gateway TEXT NOT NULL,
    status TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    token TEXT,
    reference TEXT,
    reason TEXT,
    next_action JSONB,
    captured_minor BIGINT DEFAULT '0' NOT NULL,
    refund_granted_minor BIGINT DEFAULT '0' NOT NULL,
    disputed_minor BIGINT DEFAULT '0' NOT NULL,
    look_up_at TIMESTAMP WITH TIME ZONE,
    look_ups INTEGER DEFAULT '0' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT payments_attempts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT payments_attempts_status_check CHECK (status IN ('created', 'requires_action', 'unknown', 'authorised', 'captured', 'declined', 'voided', 'expired', 'quarantined')),
    CONSTRAINT payments_attempts_amount_check CHECK (amount_minor > 0),
    CONSTRAINT payments_attempts_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT payments_attempts_captured_check CHECK (captured_minor = CASE status WHEN 'captured' THEN amount_minor ELSE 0 END),
    CONSTRAINT payments_attempts_refund_granted_check CHECK (refund_granted_minor BETWEEN 0 AND captured_minor),
    CONSTRAINT payments_attempts_disputed_check CHECK (disputed_minor >= 0),
    CONSTRAINT payments_attempts_token_check CHECK (token IS NULL OR status IN ('created', 'unknown'))
);

CREATE INDEX payments_attempts_created_idx ON payments_attempts (tenant_id, created_at DESC, id DESC);

CREATE INDEX payments_attempts_due_idx ON payments_attempts (tenant_id, look_up_at) WHERE look_up_at IS NOT NULL;

CREATE UNIQUE INDEX payments_attempts_live_key ON payments_attempts (tenant_id, order_id) WHERE status IN ('created', 'requires_action', 'unknown', 'authorised', 'captured');

CREATE INDEX payments_attempts_order_idx ON payments_attempts (tenant_id, order_id, created_at DESC, id DESC);

CREATE INDEX payments_attempts_status_idx ON payments_attempts (tenant_id, status, created_at DESC, id DESC);

GRANT SELECT, INSERT, UPDATE (status, token, reference, reason, next_action, captured_minor, refund_granted_minor, disputed_minor, look_up_at, look_ups, updated_at, version) ON payments_attempts TO luxewin_app;

GRANT SELECT ON payments_attempts TO luxewin_system;

ALTER TABLE payments_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE payments_attempts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON payments_attempts TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON payments_attempts TO luxewin_system USING (true) WITH CHECK (true);

CREATE VIEW payments_v_attempts WITH (security_invoker = true) AS
    SELECT tenant_id, id, order_id, status, currency, captured_minor, refund_granted_minor, disputed_minor
    FROM payments_attempts;

GRANT SELECT ON payments_v_attempts TO luxewin_app, luxewin_system;

CREATE TABLE payments_webhook_endpoints (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    gateway TEXT NOT NULL,
    sealed_secret BYTEA NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    retired_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT payments_webhook_endpoints_pkey PRIMARY KEY (tenant_id, id)
);

GRANT SELECT, INSERT, UPDATE (retired_at) ON payments_webhook_endpoints TO luxewin_app;

ALTER TABLE payments_webhook_endpoints ENABLE ROW LEVEL SECURITY;

ALTER TABLE payments_webhook_endpoints FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON payments_webhook_endpoints TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE payments_events (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    order_id UUID NOT NULL,
    type TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    reference TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT payments_events_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT payments_events_tenant_id_attempt_id_fkey FOREIGN KEY(tenant_id, attempt_id) REFERENCES payments_attempts (tenant_id, id),
    CONSTRAINT payments_events_type_check CHECK (type IN ('requires_action', 'unknown', 'authorised', 'captured', 'declined', 'voided', 'expired', 'quarantined', 'refunded', 'disputed')),
    CONSTRAINT payments_events_amount_check CHECK (amount_minor >= 0),
    CONSTRAINT payments_events_currency_check CHECK (currency ~ '^[A-Z]{3}$')
);

CREATE INDEX payments_events_attempt_idx ON payments_events (tenant_id, attempt_id, occurred_at);

CREATE INDEX payments_events_order_idx ON payments_events (tenant_id, order_id, occurred_at);

GRANT SELECT, INSERT ON payments_events TO luxewin_app;

GRANT SELECT ON payments_events TO luxewin_system;

ALTER TABLE payments_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE payments_events FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON payments_events TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON payments_events TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE payments_refunds (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    order_id UUID NOT NULL,
    status TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT,
    failure TEXT,
    tries INTEGER DEFAULT '0' NOT NULL,
    look_up_at TIMESTAMP WITH TIME ZONE,
    look_ups INTEGER DEFAULT '0' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT payments_refunds_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT payments_refunds_tenant_id_attempt_id_fkey FOREIGN KEY(tenant_id, attempt_id) REFERENCES payments_attempts (tenant_id, id),
    CONSTRAINT payments_refunds_status_check CHECK (status IN ('granted', 'executing', 'executed', 'failed', 'unknown')),
    CONSTRAINT payments_refunds_amount_check CHECK (amount_minor > 0),
    CONSTRAINT payments_refunds_currency_check CHECK (currency ~ '^[A-Z]{3}$')
);

CREATE INDEX payments_refunds_attempt_idx ON payments_refunds (tenant_id, attempt_id, created_at);

CREATE INDEX payments_refunds_due_idx ON payments_refunds (tenant_id, look_up_at) WHERE look_up_at IS NOT NULL;

CREATE INDEX payments_refunds_order_idx ON payments_refunds (tenant_id, order_id, created_at);

GRANT SELECT, INSERT, UPDATE (status, reference, failure, tries, look_up_at, look_ups, updated_at, version) ON payments_refunds TO luxewin_app;

GRANT SELECT ON payments_refunds TO luxewin_system;

ALTER TABLE payments_refunds ENABLE ROW LEVEL SECURITY;

ALTER TABLE payments_refunds FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON payments_refunds TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON payments_refunds TO luxewin_system USING (true) WITH CHECK (true);

CREATE VIEW payments_v_refunds WITH (security_invoker = true) AS
    SELECT tenant_id, id, order_id, attempt_id, status, currency, amount_minor FROM payments_refunds;

GRANT SELECT ON payments_v_refunds TO luxewin_app, luxewin_system;

CREATE TABLE payments_webhook_deliveries (
    tenant_id UUID NOT NULL,
    gateway TEXT NOT NULL,
    event_id TEXT NOT NULL,
    endpoint_id UUID NOT NULL,
    body BYTEA NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    handled_at TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE,
    tries INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT payments_webhook_deliveries_pkey PRIMARY KEY (tenant_id, gateway, event_id),
    CONSTRAINT payments_webhook_deliveries_tenant_id_endpoint_id_fkey FOREIGN KEY(tenant_id, endpoint_id) REFERENCES payments_webhook_endpoints (tenant_id, id),
    CONSTRAINT payments_webhook_deliveries_due_check CHECK ((handled_at IS NULL) = (due_at IS NOT NULL))
);

CREATE INDEX payments_webhook_deliveries_due_idx ON payments_webhook_deliveries (tenant_id, due_at) WHERE due_at IS NOT NULL;

CREATE INDEX payments_webhook_deliveries_endpoint_idx ON payments_webhook_deliveries (tenant_id, endpoint_id);

GRANT SELECT, INSERT, UPDATE (handled_at, due_at, tries) ON payments_webhook_deliveries TO luxewin_app;

GRANT SELECT ON payments_webhook_deliveries TO luxewin_system;

ALTER TABLE payments_webhook_deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE payments_webhook_deliveries FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON payments_webhook_deliveries TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON payments_webhook_deliveries TO luxewin_system USING (true) WITH CHECK (true);
