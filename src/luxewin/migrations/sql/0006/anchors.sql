-- Whether hashes of a raffle's rules and entries are written to a chain.
ALTER TABLE raffles_raffles ADD COLUMN with_anchor BOOLEAN NOT NULL DEFAULT false;

-- What was given back after the lock stands in the locked list all the same.
ALTER TABLE raffles_tickets
    ADD COLUMN was_entered BOOLEAN NOT NULL DEFAULT false,
    ADD CONSTRAINT raffles_tickets_was_entered_check CHECK (NOT was_entered OR status = 'void') NOT VALID;

GRANT UPDATE (was_entered) ON raffles_tickets TO luxewin_app;

CREATE TABLE raffles_anchor_transactions (
    tenant_id UUID NOT NULL,
    hash BYTEA NOT NULL,
    raw BYTEA NOT NULL,
    raffle_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    chain_id BIGINT NOT NULL,
    contract BYTEA NOT NULL,
    sender BYTEA NOT NULL,
    nonce BIGINT NOT NULL,
    calldata BYTEA NOT NULL,
    gas BIGINT NOT NULL,
    max_fee_wei BIGINT NOT NULL,
    priority_fee_wei BIGINT NOT NULL,
    signed_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT raffles_anchor_transactions_pkey PRIMARY KEY (tenant_id, hash),
    CONSTRAINT raffles_anchor_transactions_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_raffles (tenant_id, id),
    CONSTRAINT raffles_anchor_transactions_hash_check CHECK (octet_length(hash) = 32),
    CONSTRAINT raffles_anchor_transactions_place_check CHECK (octet_length(contract) = 20 AND octet_length(sender) = 20),
    CONSTRAINT raffles_anchor_transactions_nonce_check CHECK (nonce >= 0),
    CONSTRAINT raffles_anchor_transactions_state_check CHECK (state IN ('signed', 'sent', 'mined', 'confirmed', 'failed', 'replaced'))
);

CREATE INDEX raffles_anchor_transactions_nonce_idx ON raffles_anchor_transactions (chain_id, sender, nonce);

CREATE INDEX raffles_anchor_transactions_purpose_idx ON raffles_anchor_transactions (tenant_id, raffle_id, purpose);

GRANT SELECT ON raffles_anchor_transactions TO luxewin_app;

GRANT SELECT, INSERT, UPDATE (state) ON raffles_anchor_transactions TO luxewin_system;

ALTER TABLE raffles_anchor_transactions ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_anchor_transactions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_anchor_transactions TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_anchor_transactions TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE raffles_anchors (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    chain_id BIGINT NOT NULL,
    contract BYTEA NOT NULL,
    sender BYTEA NOT NULL,
    transaction_hash BYTEA NOT NULL,
    block_number BIGINT NOT NULL,
    block_hash BYTEA NOT NULL,
    block_timestamp BIGINT NOT NULL,
    noted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT raffles_anchors_pkey PRIMARY KEY (tenant_id, raffle_id, purpose),
    CONSTRAINT raffles_anchors_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_raffles (tenant_id, id),
    CONSTRAINT raffles_anchors_place_check CHECK (octet_length(contract) = 20 AND octet_length(sender) = 20),
    CONSTRAINT raffles_anchors_hashes_check CHECK (octet_length(transaction_hash) = 32 AND octet_length(block_hash) = 32)
);

GRANT SELECT, INSERT ON raffles_anchors TO luxewin_app;

GRANT SELECT ON raffles_anchors TO luxewin_system;

ALTER TABLE raffles_anchors ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_anchors FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_anchors TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_anchors TO luxewin_system USING (true) WITH CHECK (true);
