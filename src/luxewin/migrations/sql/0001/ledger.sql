CREATE TABLE ledger_accounts (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    owner_id UUID,
    currency TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT ledger_accounts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT ledger_accounts_tenant_id_id_currency_key UNIQUE (tenant_id, id, currency),
    CONSTRAINT ledger_accounts_tenant_id_kind_owner_id_currency_key UNIQUE NULLS NOT DISTINCT (tenant_id, kind, owner_id, currency),
    CONSTRAINT ledger_accounts_currency_check CHECK (currency ~ '^[A-Z]{3}$')
);

GRANT SELECT, INSERT ON ledger_accounts TO luxewin_app;

GRANT SELECT ON ledger_accounts TO luxewin_system;

ALTER TABLE ledger_accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger_accounts FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON ledger_accounts TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON ledger_accounts TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE ledger_transfers (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    cause TEXT NOT NULL,
    cause_id UUID NOT NULL,
    posted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seal_number BIGINT,
    seal BYTEA,
    CONSTRAINT ledger_transfers_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT ledger_transfers_tenant_id_seal_number_key UNIQUE (tenant_id, seal_number)
);

CREATE INDEX ledger_transfers_cause_idx ON ledger_transfers (tenant_id, cause_id, posted_at DESC, id DESC);

CREATE INDEX ledger_transfers_posted_idx ON ledger_transfers (tenant_id, posted_at DESC, id DESC);

CREATE INDEX ledger_transfers_unsealed_idx ON ledger_transfers (tenant_id, posted_at) WHERE seal_number IS NULL;

GRANT SELECT, INSERT (tenant_id, id, cause, cause_id, posted_at) ON ledger_transfers TO luxewin_app;

GRANT SELECT, UPDATE (seal_number, seal) ON ledger_transfers TO luxewin_system;

ALTER TABLE ledger_transfers ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger_transfers FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON ledger_transfers TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON ledger_transfers TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE ledger_postings (
    tenant_id UUID NOT NULL,
    transfer_id UUID NOT NULL,
    line INTEGER NOT NULL,
    account_id UUID NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    CONSTRAINT ledger_postings_pkey PRIMARY KEY (tenant_id, transfer_id, line),
    CONSTRAINT ledger_postings_tenant_id_transfer_id_fkey FOREIGN KEY(tenant_id, transfer_id) REFERENCES ledger_transfers (tenant_id, id),
    CONSTRAINT ledger_postings_tenant_id_account_id_currency_fkey FOREIGN KEY(tenant_id, account_id, currency) REFERENCES ledger_accounts (tenant_id, id, currency),
    CONSTRAINT ledger_postings_amount_check CHECK (amount_minor <> 0),
    CONSTRAINT ledger_postings_line_check CHECK (line > 0)
);

CREATE INDEX ledger_postings_account_idx ON ledger_postings (tenant_id, account_id, currency) INCLUDE (amount_minor);

GRANT SELECT, INSERT ON ledger_postings TO luxewin_app;

GRANT SELECT ON ledger_postings TO luxewin_system;

ALTER TABLE ledger_postings ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger_postings FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON ledger_postings TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON ledger_postings TO luxewin_system USING (true) WITH CHECK (true);

CREATE FUNCTION ledger_demand_balance(tenant uuid, transfer uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (
        SELECT bool_and(sums.minor IS NOT DISTINCT FROM 0) FROM (
            SELECT sum(p.amount_minor) AS minor FROM ledger_postings p
            WHERE p.tenant_id = tenant AND p.transfer_id = transfer GROUP BY p.currency
        ) AS sums
    ) IS DISTINCT FROM true THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = 'ledger_transfers',
            CONSTRAINT = 'ledger_transfers_balance',
            MESSAGE = 'the postings of transfer ' || transfer || ' do not sum to zero, or there are none';
    END IF;
END
$$;

COMMENT ON FUNCTION ledger_demand_balance(uuid, uuid) IS
    'Refuses a transfer without postings, or whose postings do not sum to zero in each currency; '
    'whoever cannot see the postings is refused too.';

CREATE FUNCTION ledger_transfer_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_demand_balance(NEW.tenant_id, NEW.id);
    RETURN NULL;
END
$$;

CREATE FUNCTION ledger_posting_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_demand_balance(NEW.tenant_id, NEW.transfer_id);
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER ledger_transfers_balance AFTER INSERT OR UPDATE OF id ON ledger_transfers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transfer_balances();

CREATE CONSTRAINT TRIGGER ledger_postings_balance
    AFTER INSERT OR UPDATE OF transfer_id, currency, amount_minor ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_balances();

CREATE VIEW ledger_v_postings WITH (security_invoker = true) AS
    SELECT p.tenant_id, p.transfer_id, p.line, t.cause, t.cause_id, a.kind, a.owner_id, p.currency, p.amount_minor,
        t.posted_at
    FROM ledger_postings p
    JOIN ledger_transfers t ON t.tenant_id = p.tenant_id AND t.id = p.transfer_id
    JOIN ledger_accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id;

GRANT SELECT ON ledger_v_postings TO luxewin_app, luxewin_system;
