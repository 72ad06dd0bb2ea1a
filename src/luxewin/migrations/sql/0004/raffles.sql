CREATE TABLE raffles_exclusions (
    tenant_id UUID NOT NULL,
    person_hash BYTEA NOT NULL,
    kind TEXT NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT raffles_exclusions_pkey PRIMARY KEY (tenant_id, person_hash, kind, begun_at),
    CONSTRAINT raffles_exclusions_kind_check CHECK (kind IN ('cool_off', 'self_exclusion')),
    CONSTRAINT raffles_exclusions_person_hash_check CHECK (octet_length(person_hash) = 32),
    CONSTRAINT raffles_exclusions_ends_at_check CHECK (ends_at > begun_at)
);

GRANT SELECT, INSERT ON raffles_exclusions TO luxewin_app;

ALTER TABLE raffles_exclusions ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_exclusions FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_exclusions TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE raffles_limits (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    period TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT,
    holds_from TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT raffles_limits_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT raffles_limits_period_check CHECK (period IN ('day', 'week', 'month')),
    CONSTRAINT raffles_limits_amount_check CHECK (amount_minor >= 0)
);

CREATE INDEX raffles_limits_user_idx ON raffles_limits (tenant_id, user_id, period, holds_from DESC);

GRANT SELECT, INSERT, DELETE ON raffles_limits TO luxewin_app;

ALTER TABLE raffles_limits ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_limits FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_limits TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE raffles_players (
    tenant_id UUID NOT NULL,
    user_id UUID NOT NULL,
    born_on DATE,
    territory TEXT,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT raffles_players_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT raffles_players_territory_check CHECK (territory ~ '^[A-Z]{2}(-[A-Z0-9]{1,3})?$')
);

GRANT SELECT, INSERT, UPDATE, DELETE ON raffles_players TO luxewin_app;

ALTER TABLE raffles_players ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_players FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_players TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE raffles_raffles (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    ticket_price_minor BIGINT NOT NULL,
    capacity INTEGER NOT NULL,
    per_person_limit INTEGER,
    one_prize_per_person BOOLEAN NOT NULL,
    reserve_winners INTEGER NOT NULL,
    closes_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closes_when_sold_out BOOLEAN NOT NULL,
    draw_delay_seconds INTEGER NOT NULL,
    minimum_age INTEGER,
    territories TEXT[],
    free_entry BOOLEAN NOT NULL,
    skill_question TEXT,
    skill_answer_hash BYTEA,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT raffles_raffles_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT raffles_raffles_status_check CHECK (status IN ('draft', 'open', 'locked', 'anchored', 'drawn', 'void', 'settled', 'cancelled', 'deleted')),
    CONSTRAINT raffles_raffles_ticket_price_check CHECK (ticket_price_minor >= 0),
    CONSTRAINT raffles_raffles_capacity_check CHECK (capacity > 0),
    CONSTRAINT raffles_raffles_per_person_limit_check CHECK (per_person_limit > 0),
    CONSTRAINT raffles_raffles_reserve_winners_check CHECK (reserve_winners >= 0),
    CONSTRAINT raffles_raffles_skill_check CHECK ((skill_question IS NULL) = (skill_answer_hash IS NULL))
);

CREATE INDEX raffles_raffles_created_idx ON raffles_raffles (tenant_id, created_at DESC, id DESC);

CREATE INDEX raffles_raffles_status_idx ON raffles_raffles (tenant_id, status, created_at DESC, id DESC);

GRANT SELECT, INSERT, UPDATE ON raffles_raffles TO luxewin_app;

GRANT SELECT ON raffles_raffles TO luxewin_system;

ALTER TABLE raffles_raffles ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_raffles FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_raffles TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_raffles TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE raffles_signing_keys (
    tenant_id UUID NOT NULL,
    public_key BYTEA NOT NULL,
    sealed_private_key BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT raffles_signing_keys_pkey PRIMARY KEY (tenant_id, public_key),
    CONSTRAINT raffles_signing_keys_public_key_check CHECK (octet_length(public_key) = 32)
);

CREATE INDEX raffles_signing_keys_created_idx ON raffles_signing_keys (tenant_id, created_at DESC);

GRANT SELECT, INSERT ON raffles_signing_keys TO luxewin_app;

ALTER TABLE raffles_signing_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_signing_keys FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_signing_keys TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE raffles_counters (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    capacity INTEGER NOT NULL,
    sold INTEGER NOT NULL,
    held INTEGER NOT NULL,
    voided INTEGER NOT NULL,
    selling BOOLEAN NOT NULL,
    locked BOOLEAN NOT NULL,
    CONSTRAINT raffles_counters_pkey PRIMARY KEY (tenant_id, raffle_id),
    CONSTRAINT raffles_counters_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_raffles (tenant_id, id),
    CONSTRAINT raffles_counters_capacity_check CHECK (sold >= 0 AND held >= 0 AND sold + held <= capacity),
    CONSTRAINT raffles_counters_voided_check CHECK (voided BETWEEN 0 AND sold),
    CONSTRAINT raffles_counters_locked_check CHECK (NOT (locked AND selling))
);

GRANT SELECT, INSERT, UPDATE (sold, held, voided, selling, locked) ON raffles_counters TO luxewin_app;

GRANT SELECT ON raffles_counters TO luxewin_system;

ALTER TABLE raffles_counters ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_counters FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_counters TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_counters TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE raffles_holdings (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    entrant_id UUID NOT NULL,
    tickets INTEGER NOT NULL,
    CONSTRAINT raffles_holdings_pkey PRIMARY KEY (tenant_id, raffle_id, entrant_id),
    CONSTRAINT raffles_holdings_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_raffles (tenant_id, id),
    CONSTRAINT raffles_holdings_tickets_check CHECK (tickets >= 0)
);

GRANT SELECT, INSERT, UPDATE (tickets) ON raffles_holdings TO luxewin_app;

GRANT SELECT ON raffles_holdings TO luxewin_system;

ALTER TABLE raffles_holdings ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_holdings FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_holdings TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_holdings TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE raffles_prizes (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    value_minor BIGINT,
    CONSTRAINT raffles_prizes_pkey PRIMARY KEY (tenant_id, raffle_id, position),
    CONSTRAINT raffles_prizes_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_raffles (tenant_id, id),
    CONSTRAINT raffles_prizes_position_check CHECK (position > 0),
    CONSTRAINT raffles_prizes_value_check CHECK (value_minor >= 0)
);

GRANT SELECT, INSERT, DELETE ON raffles_prizes TO luxewin_app;

GRANT SELECT ON raffles_prizes TO luxewin_system;

ALTER TABLE raffles_prizes ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_prizes FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_prizes TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_prizes TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE raffles_purchases (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    order_id UUID,
    entrant_id UUID NOT NULL,
    quantity INTEGER NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    status TEXT NOT NULL,
    first_number INTEGER,
    commits BYTEA NOT NULL,
    sealed_salts BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT raffles_purchases_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT raffles_purchases_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_raffles (tenant_id, id),
    CONSTRAINT raffles_purchases_quantity_check CHECK (quantity > 0),
    CONSTRAINT raffles_purchases_amount_check CHECK (amount_minor >= 0),
    CONSTRAINT raffles_purchases_free_check CHECK (order_id IS NOT NULL OR amount_minor = 0),
    CONSTRAINT raffles_purchases_commits_check CHECK (octet_length(commits) = 32 * quantity),
    CONSTRAINT raffles_purchases_status_check CHECK (status IN ('pending', 'paid', 'declined', 'void', 'refunded')),
    CONSTRAINT raffles_purchases_first_number_check CHECK ((first_number IS NOT NULL) = (status IN ('paid', 'refunded')))
);

CREATE INDEX raffles_purchases_entrant_idx ON raffles_purchases (tenant_id, entrant_id, created_at DESC, id DESC);

CREATE INDEX raffles_purchases_order_idx ON raffles_purchases (tenant_id, order_id);

CREATE INDEX raffles_purchases_raffle_idx ON raffles_purchases (tenant_id, raffle_id, status, id);

GRANT SELECT, INSERT, UPDATE (status, first_number, updated_at) ON raffles_purchases TO luxewin_app;

GRANT SELECT ON raffles_purchases TO luxewin_system;

ALTER TABLE raffles_purchases ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_purchases FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_purchases TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_purchases TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE raffles_rules (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    rules_version INTEGER NOT NULL,
    document TEXT NOT NULL,
    hash BYTEA NOT NULL,
    frozen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT raffles_rules_pkey PRIMARY KEY (tenant_id, raffle_id, rules_version),
    CONSTRAINT raffles_rules_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_raffles (tenant_id, id),
    CONSTRAINT raffles_rules_version_check CHECK (rules_version > 0),
    CONSTRAINT raffles_rules_hash_check CHECK (octet_length(hash) = 32)
);

GRANT SELECT, INSERT ON raffles_rules TO luxewin_app;

GRANT SELECT ON raffles_rules TO luxewin_system;

ALTER TABLE raffles_rules ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_rules FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_rules TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_rules TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE raffles_locks (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    rules_version INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    merkle_root BYTEA NOT NULL,
    round BIGINT NOT NULL,
    locked_at BIGINT NOT NULL,
    receipt_signature BYTEA NOT NULL,
    CONSTRAINT raffles_locks_pkey PRIMARY KEY (tenant_id, raffle_id),
    CONSTRAINT raffles_locks_tenant_id_raffle_id_rules_version_fkey FOREIGN KEY(tenant_id, raffle_id, rules_version) REFERENCES raffles_rules (tenant_id, raffle_id, rules_version),
    CONSTRAINT raffles_locks_entries_check CHECK (entries > 0),
    CONSTRAINT raffles_locks_merkle_root_check CHECK (octet_length(merkle_root) = 32),
    CONSTRAINT raffles_locks_receipt_signature_check CHECK (octet_length(receipt_signature) = 64)
);

GRANT SELECT, INSERT ON raffles_locks TO luxewin_app;

GRANT SELECT ON raffles_locks TO luxewin_system;

ALTER TABLE raffles_locks ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_locks FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_locks TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_locks TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE raffles_tickets (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    number INTEGER NOT NULL,
    purchase_id UUID NOT NULL,
    entrant_id UUID NOT NULL,
    commit BYTEA NOT NULL,
    status TEXT NOT NULL,
    CONSTRAINT raffles_tickets_pkey PRIMARY KEY (tenant_id, raffle_id, number),
    CONSTRAINT raffles_tickets_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_raffles (tenant_id, id),
    CONSTRAINT raffles_tickets_tenant_id_purchase_id_fkey FOREIGN KEY(tenant_id, purchase_id) REFERENCES raffles_purchases (tenant_id, id),
    CONSTRAINT raffles_tickets_number_check CHECK (number > 0),
    CONSTRAINT raffles_tickets_commit_check CHECK (octet_length(commit) = 32),
    CONSTRAINT raffles_tickets_status_check CHECK (status IN ('valid', 'void'))
);

CREATE INDEX raffles_tickets_entrant_idx ON raffles_tickets (tenant_id, entrant_id, raffle_id, number);

CREATE INDEX raffles_tickets_purchase_idx ON raffles_tickets (tenant_id, purchase_id);

GRANT SELECT, INSERT, UPDATE (status) ON raffles_tickets TO luxewin_app;

GRANT SELECT ON raffles_tickets TO luxewin_system;

ALTER TABLE raffles_tickets ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_tickets FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_tickets TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_tickets TO luxewin_system USING (true) WITH CHECK (true);

CREATE FUNCTION raffles_issue(tenant uuid, purchase uuid) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    bought raffles_purchases;
    first integer;
BEGIN
    SELECT * INTO STRICT bought FROM raffles_purchases p WHERE p.tenant_id = tenant AND p.id = purchase;
    UPDATE raffles_counters c SET sold = c.sold + bought.quantity, held = c.held - bought.quantity
        WHERE c.tenant_id = tenant AND c.raffle_id = bought.raffle_id AND NOT c.locked
        RETURNING c.sold - bought.quantity + 1 INTO STRICT first;
    INSERT INTO raffles_tickets (tenant_id, raffle_id, number, purchase_id, entrant_id, commit, status)
        SELECT tenant, bought.raffle_id, first + n, purchase, bought.entrant_id,
            substring(bought.commits FROM 32 * n + 1 FOR 32), 'valid'
        FROM generate_series(0, bought.quantity - 1) AS n;
    RETURN first;
END
$$;

COMMENT ON FUNCTION raffles_issue(uuid, uuid) IS
    'Give the tickets of a purchase the next numbers of their raffle, and return the first; called once, as it is paid';

CREATE TABLE raffles_draws (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    beacon_signature BYTEA NOT NULL,
    lies JSONB NOT NULL,
    seed BYTEA NOT NULL,
    positions JSONB NOT NULL,
    outcome TEXT NOT NULL,
    bundle_signature BYTEA NOT NULL,
    drawn_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT raffles_draws_pkey PRIMARY KEY (tenant_id, raffle_id),
    CONSTRAINT raffles_draws_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_locks (tenant_id, raffle_id),
    CONSTRAINT raffles_draws_beacon_signature_check CHECK (octet_length(beacon_signature) = 48),
    CONSTRAINT raffles_draws_seed_check CHECK (octet_length(seed) = 32),
    CONSTRAINT raffles_draws_bundle_signature_check CHECK (octet_length(bundle_signature) = 64)
);

GRANT SELECT, INSERT ON raffles_draws TO luxewin_app;

GRANT SELECT ON raffles_draws TO luxewin_system;

ALTER TABLE raffles_draws ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_draws FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_draws TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_draws TO luxewin_system USING (true) WITH CHECK (true);

CREATE TABLE raffles_winners (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    place INTEGER NOT NULL,
    prize INTEGER,
    number INTEGER NOT NULL,
    entrant_id UUID NOT NULL,
    status TEXT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT raffles_winners_pkey PRIMARY KEY (tenant_id, raffle_id, place),
    CONSTRAINT raffles_winners_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_draws (tenant_id, raffle_id),
    CONSTRAINT raffles_winners_tenant_id_raffle_id_number_fkey FOREIGN KEY(tenant_id, raffle_id, number) REFERENCES raffles_tickets (tenant_id, raffle_id, number),
    CONSTRAINT raffles_winners_tenant_id_raffle_id_prize_fkey FOREIGN KEY(tenant_id, raffle_id, prize) REFERENCES raffles_prizes (tenant_id, raffle_id, position),
    CONSTRAINT raffles_winners_place_check CHECK (place > 0),
    CONSTRAINT raffles_winners_status_check CHECK (status IN ('reserve', 'winner')),
    CONSTRAINT raffles_winners_prize_check CHECK ((prize IS NULL) = (status = 'reserve'))
);

GRANT SELECT, INSERT, UPDATE (prize, status, updated_at) ON raffles_winners TO luxewin_app;

GRANT SELECT ON raffles_winners TO luxewin_system;

ALTER TABLE raffles_winners ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_winners FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_winners TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_winners TO luxewin_system USING (true) WITH CHECK (true);
