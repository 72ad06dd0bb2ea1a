CREATE SCHEMA IF NOT EXISTS simulator;

CREATE TABLE simulator.charges (
    attempt_id UUID NOT NULL,
    merchant TEXT NOT NULL,
    reference TEXT NOT NULL,
    status TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT,
    capture BOOLEAN NOT NULL,
    confirm_url TEXT,
    captures_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT charges_pkey PRIMARY KEY (attempt_id),
    CONSTRAINT charges_status_check CHECK (status IN ('requires_action', 'authorised', 'captured', 'declined', 'voided')),
    CONSTRAINT charges_amount_check CHECK (amount_minor >= 0)
);

CREATE INDEX simulator_charges_merchant_idx ON simulator.charges (merchant, currency);

CREATE INDEX simulator_charges_reference_idx ON simulator.charges (reference);

GRANT USAGE ON SCHEMA simulator TO luxewin_simulator;

GRANT SELECT, INSERT, UPDATE ON simulator.charges TO luxewin_simulator;

CREATE TABLE simulator.endpoints (
    merchant TEXT NOT NULL,
    endpoint_id UUID NOT NULL,
    secret TEXT NOT NULL,
    headers JSONB NOT NULL,
    CONSTRAINT endpoints_pkey PRIMARY KEY (merchant)
);

GRANT SELECT, INSERT, UPDATE ON simulator.endpoints TO luxewin_simulator;

CREATE TABLE simulator.disputes (
    reference TEXT NOT NULL,
    attempt_id UUID NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    opens_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT disputes_pkey PRIMARY KEY (reference),
    CONSTRAINT disputes_attempt_id_fkey FOREIGN KEY(attempt_id) REFERENCES simulator.charges (attempt_id)
);

CREATE INDEX simulator_disputes_charge_idx ON simulator.disputes (attempt_id);

GRANT SELECT, INSERT ON simulator.disputes TO luxewin_simulator;

CREATE TABLE simulator.refunds (
    refund_id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    reference TEXT NOT NULL,
    status TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT refunds_pkey PRIMARY KEY (refund_id),
    CONSTRAINT refunds_status_check CHECK (status IN ('executed', 'failed')),
    CONSTRAINT refunds_attempt_id_fkey FOREIGN KEY(attempt_id) REFERENCES simulator.charges (attempt_id)
);

CREATE INDEX simulator_refunds_charge_idx ON simulator.refunds (attempt_id);

GRANT SELECT, INSERT ON simulator.refunds TO luxewin_simulator;

CREATE TABLE simulator.webhooks (
    id TEXT NOT NULL,
    merchant TEXT NOT NULL,
    attempt_id UUID NOT NULL,
    body BYTEA NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    tries INTEGER DEFAULT '0' NOT NULL,
    delivered_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT webhooks_pkey PRIMARY KEY (id),
    CONSTRAINT webhooks_attempt_id_fkey FOREIGN KEY(attempt_id) REFERENCES simulator.charges (attempt_id)
);

CREATE INDEX simulator_webhooks_charge_idx ON simulator.webhooks (attempt_id);

CREATE INDEX simulator_webhooks_due_idx ON simulator.webhooks (due_at) WHERE delivered_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON simulator.webhooks TO luxewin_simulator;
