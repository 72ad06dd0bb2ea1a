CREATE TABLE kit_audit (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    before JSONB,
    after JSONB,
    seal_number BIGINT,
    seal BYTEA,
    CONSTRAINT kit_audit_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT kit_audit_tenant_id_seal_number_key UNIQUE (tenant_id, seal_number)
);

CREATE INDEX kit_audit_at_idx ON kit_audit (tenant_id, at DESC, id DESC);

CREATE INDEX kit_audit_unsealed_idx ON kit_audit (tenant_id, at) WHERE seal_number IS NULL;

GRANT SELECT, INSERT ON kit_audit TO luxewin_app;

GRANT SELECT, UPDATE (seal_number, seal) ON kit_audit TO luxewin_system;

ALTER TABLE kit_audit ENABLE ROW LEVEL SECURITY;

ALTER TABLE kit_audit FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON kit_audit TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON kit_audit TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE kit_event_log (
    tenant_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    id UUID NOT NULL,
    type TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    aggregate_id UUID NOT NULL,
    aggregate_version BIGINT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    payload JSONB NOT NULL,
    CONSTRAINT kit_event_log_pkey PRIMARY KEY (tenant_id, sequence),
    CONSTRAINT kit_event_log_tenant_id_id_key UNIQUE (tenant_id, id),
    CONSTRAINT kit_event_log_sequence_is_positive_check CHECK (sequence > 0)
);

GRANT SELECT ON kit_event_log TO luxewin_app;

GRANT SELECT, INSERT ON kit_event_log TO luxewin_system;

ALTER TABLE kit_event_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE kit_event_log FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON kit_event_log TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON kit_event_log TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE kit_idempotency_keys (
    tenant_id UUID NOT NULL,
    principal TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash BYTEA NOT NULL,
    intent_id UUID NOT NULL,
    status TEXT NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    answer_status INTEGER,
    answer_headers JSONB,
    answer_body BYTEA,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT kit_idempotency_keys_pkey PRIMARY KEY (tenant_id, principal, route, key),
    CONSTRAINT kit_idempotency_keys_status_check CHECK (status IN ('in_flight', 'done')),
    CONSTRAINT kit_idempotency_keys_answer_check CHECK ((status = 'done') = (answer_status IS NOT NULL))
);

CREATE INDEX kit_idempotency_keys_created_idx ON kit_idempotency_keys (tenant_id, created_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON kit_idempotency_keys TO luxewin_app;

GRANT SELECT, DELETE ON kit_idempotency_keys TO luxewin_system;

ALTER TABLE kit_idempotency_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE kit_idempotency_keys FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON kit_idempotency_keys TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON kit_idempotency_keys TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE kit_outbox (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    number BIGINT GENERATED ALWAYS AS IDENTITY,
    type TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    aggregate_id UUID NOT NULL,
    aggregate_version BIGINT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    stored_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    payload JSONB NOT NULL,
    CONSTRAINT kit_outbox_pkey PRIMARY KEY (tenant_id, id)
);

GRANT INSERT ON kit_outbox TO luxewin_app;

GRANT SELECT, DELETE ON kit_outbox TO luxewin_system;

ALTER TABLE kit_outbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE kit_outbox FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON kit_outbox TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON kit_outbox TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE kit_parked_events (
    tenant_id UUID NOT NULL,
    listener TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    aggregate_id UUID NOT NULL,
    tries INTEGER NOT NULL,
    error TEXT NOT NULL,
    parked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT kit_parked_events_pkey PRIMARY KEY (tenant_id, listener, sequence)
);

CREATE INDEX kit_parked_events_aggregate_idx ON kit_parked_events (tenant_id, listener, aggregate_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON kit_parked_events TO luxewin_app;

GRANT SELECT ON kit_parked_events TO luxewin_system;

ALTER TABLE kit_parked_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE kit_parked_events FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON kit_parked_events TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON kit_parked_events TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE kit_positions (
    tenant_id UUID NOT NULL,
    listener TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    CONSTRAINT kit_positions_pkey PRIMARY KEY (tenant_id, listener)
);

GRANT SELECT, INSERT, UPDATE ON kit_positions TO luxewin_app;

GRANT SELECT ON kit_positions TO luxewin_system;

ALTER TABLE kit_positions ENABLE ROW LEVEL SECURITY;

ALTER TABLE kit_positions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON kit_positions TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON kit_positions TO luxewin_system USING (true) WITH CHECK (true);
